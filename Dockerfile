# The gateway for operators. Build: docker build -t contactgraph .   Run: docs/operating.md

FROM node:24-slim AS assets
WORKDIR /src
COPY scripts/build-graphiql scripts/
COPY ui ui
RUN scripts/build-graphiql

FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
# The environment that is shipped holds no pip and no build tools; those have one of their own.
RUN python -m venv --without-pip /opt/contactgraph \
    && python -m pip --python /opt/contactgraph/bin/python install --no-cache-dir --only-binary :all: \
        --require-hashes -r requirements.lock \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY schema schema
COPY resolvers resolvers
COPY upstreams upstreams
COPY compiler compiler
COPY sandbox sandbox
COPY --from=assets /src/gateway/graphiql/assets gateway/graphiql/assets
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist . \
    && python -m pip --python /opt/contactgraph/bin/python install --no-cache-dir --no-deps --no-index dist/*.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent contactgraph \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/contactgraph
COPY --from=build /opt/contactgraph /opt/contactgraph
ENV PATH=/opt/contactgraph/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GATEWAY_STATE_DIR=/var/lib/contactgraph
VOLUME /var/lib/contactgraph
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["contactgraph", "serve", "--host", "0.0.0.0", "--port", "8000"]
