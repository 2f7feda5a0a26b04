"""The command ``contactgraph``. It ends with 0, with 1 when what was asked for failed, with 2 on a wrong setting."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence

from gateway.settings import check_exposure, describe, read_settings, unknown_settings
from resolvers.callers import Scope
from upstreams.settings import SettingsError
from upstreams.state import FileState

_LARGEST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the return value is the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except SettingsError as error:
        print(f"contactgraph: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="contactgraph", description="One GraphQL API for contacts, events, segments and locations."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="the gateway on a made-up organization; needs no account")
    demo.add_argument("--port", type=_port, default=8000, help="where to listen; 0 takes a free port (default: 8000)")
    demo.add_argument("--seed", type=int, default=None, help="another seed makes another organization")
    demo.add_argument("--contacts", type=_count, default=None, help="how many contacts to make up")
    demo.add_argument("--events", type=_count, default=None, help="how many events to make up")
    demo.set_defaults(run=_demo)

    serve = commands.add_parser("serve", help="the gateway on the upstreams that the environment configures")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=_port, default=8000, help="where to listen; 0 takes a free port (default: 8000)")
    serve.add_argument("--workers", type=_count, default=1, help="processes that share the port (default: 1)")
    serve.set_defaults(run=_serve)

    schema = commands.add_parser("schema", help="print the schema in SDL")
    schema.add_argument("--check", action="store_true", help="compare with schema.graphql; 1 when it is stale")
    schema.add_argument("--against", metavar="FILE", help="with --check: also name what breaks clients of this schema")
    schema.set_defaults(run=_schema)

    settings = commands.add_parser("settings", help="the environment variables: default, meaning, whether set")
    settings.set_defaults(run=_settings)

    keys = commands.add_parser("keys", help="make, list and revoke the API keys of GATEWAY_AUTH=api-key")
    actions = keys.add_subparsers(title="actions", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and print it, this once")
    create.add_argument("--scopes", type=_scopes, required=True, help="what its holder may do, separated by commas")
    create.add_argument("--name", default="", help="whose it is, to find it again in the list")
    create.set_defaults(run=_keys, action="create")
    listing = actions.add_parser("list", help="the keys there are: id, scopes, when made, name")
    listing.set_defaults(run=_keys, action="list")
    revoke = actions.add_parser("revoke", help="end a key; running gateways refuse it from their next request on")
    revoke.add_argument("id", metavar="ID", help="as the list shows it")
    revoke.set_defaults(run=_keys, action="revoke")

    check = commands.add_parser("check", help="what the operations of GraphQL files cost; 1 when one is over the limit")
    check.add_argument("files", nargs="+", metavar="FILE", help="GraphQL documents")
    check.add_argument(
        "--variables", metavar="FILE", help="their variables as JSON, or these by the names of the operations"
    )
    check.set_defaults(run=_check)

    explain = commands.add_parser("explain", help="how the operations of GraphQL files are run, and what that costs")
    explain.add_argument("files", nargs="+", metavar="FILE", help="GraphQL documents")
    explain.add_argument("--variables", metavar="FILE", help="as of check")
    explain.add_argument("--code", action="store_true", help="print the generated code too")
    explain.set_defaults(run=_explain)

    documents = commands.add_parser("documents", help="make the manifest of trusted documents")
    steps = documents.add_subparsers(title="actions", required=True, metavar="ACTION")
    build = steps.add_parser("build", help="the operations of GraphQL files, each with its fragments, by SHA-256")
    build.add_argument("files", nargs="+", metavar="FILE", help="GraphQL documents")
    build.add_argument("--out", metavar="FILE", required=True, help="where to write the manifest")
    build.set_defaults(run=_documents)

    doctor = commands.add_parser("doctor", help="sign in to each configured upstream and say what works")
    doctor.set_defaults(run=_doctor)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {_LARGEST_PORT}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number, 1 or more")
    return int(text)


def _scopes(text: str) -> list[Scope]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    known = {scope.value: scope for scope in Scope}
    if not names or not set(names) <= known.keys():
        raise argparse.ArgumentTypeError(f"scopes are {', '.join(known)}, separated by commas")
    return [known[name] for name in names]


def _serve(options: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    check_exposure(settings, options.host)
    from gateway import server
    from gateway.auth.choice import check_auth
    from gateway.telemetry.logs import configure_logging

    configure_logging()
    check_auth(settings)
    if settings.redis is None:
        FileState(settings.state_dir).require_writable()
    for name in unknown_settings(os.environ):
        logging.getLogger("contactgraph").warning("%s is no setting of this version; it does nothing", name)
    try:
        sock = server.listen(options.host, options.port)
    except server.CannotListen as error:
        print(f"contactgraph: {error}", file=sys.stderr)
        return 2

    def ready() -> None:
        print(f"Contactgraph is ready at {server.graphql_url(sock)}", flush=True)

    if options.workers > 1:
        return server.serve_workers(options.workers, sock, settings, ready)
    from gateway.app import build_app

    return server.serve(build_app(settings), sock, settings, ready)


def _demo(options: argparse.Namespace) -> int:
    from gateway.demo import run_demo
    from gateway.telemetry.logs import configure_logging

    configure_logging(logging.WARNING, json=False)
    return run_demo(options.port, seed=options.seed, contacts=options.contacts, events=options.events)


def _schema(options: argparse.Namespace) -> int:
    from gateway.sdl import check_schema, current_sdl

    if options.check:
        return check_schema(options.against)
    print(current_sdl(), end="")
    return 0


def _settings(options: argparse.Namespace) -> int:
    for setting, is_set in describe(os.environ):
        default = "-" if setting.default is None else setting.default
        print(f"{setting.name}\t{default}\t{setting.help}\t{'set' if is_set else 'not set'}")
    return 0


def _keys(options: argparse.Namespace) -> int:
    from gateway.auth import commands
    from upstreams.state import FileState, state_folder

    state = FileState(state_folder(os.environ))
    if options.action == "create":
        return asyncio.run(commands.create(state, options.scopes, options.name))
    if options.action == "revoke":
        return asyncio.run(commands.revoke(state, options.id))
    return asyncio.run(commands.show(state))


def _check(options: argparse.Namespace) -> int:
    from gateway.check import check_costs

    return check_costs(read_settings(os.environ, need_source=False), options.files, options.variables)


def _explain(options: argparse.Namespace) -> int:
    from gateway.explain import explain_operations

    settings = read_settings(os.environ, need_source=False)
    return explain_operations(settings, options.files, options.variables, code=options.code)


def _documents(options: argparse.Namespace) -> int:
    from gateway.check import build_documents

    return build_documents(options.files, options.out)


def _doctor(options: argparse.Namespace) -> int:
    from gateway.doctor import examine_sources
    from gateway.telemetry.logs import configure_logging

    configure_logging(logging.ERROR, json=False)
    return asyncio.run(examine_sources(read_settings(os.environ)))
