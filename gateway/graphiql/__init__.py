"""GraphiQL, served by the gateway itself under a strict content security policy.

``assets``  the built files and the pinned CDN files that stand in for them in a checkout without Node
``page``    the HTML page and its security headers

``scripts/build-graphiql`` builds the files from the npm package ``graphiql`` (see ``ui/``); a wheel contains them.
Nothing here knows the rest of the gateway.
"""

from gateway.graphiql.assets import assets_routes
from gateway.graphiql.page import DEFAULT_QUERY, graphiql_response

__all__ = ["DEFAULT_QUERY", "assets_routes", "graphiql_response"]
