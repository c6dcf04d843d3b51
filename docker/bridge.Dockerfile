# fairlead-bridge in an image. From the root of the repository:
#   docker build --file docker/bridge.Dockerfile --tag fairlead/bridge .
# Until the line "Only here" all images' files are the same; docs/images.md says what for.

ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# What Node.js needs in an image that has nothing else.
FROM ${NODE_IMAGE} AS system
RUN apt-get update \
  && apt-get install --yes --no-install-recommends binutils ca-certificates tini \
  && rm -rf /var/lib/apt/lists/*
COPY docker/collect-system.sh /usr/local/bin/
RUN collect-system.sh /system \
  && install --directory --owner=65532 --group=65532 /data

# Package files, and what code is generated from: the next stage is kept until one of them changes.
FROM ${NODE_IMAGE} AS manifests
COPY . /source
RUN cd /source \
  && find proto buf*.yaml nx.json .npmrc $(find . -name 'package*.json' -o -name assembly) -type f \
  | xargs cp --parents --target-directory=/srv \
  && find /srv -exec touch --date=@0 {} +

# Packages as the lock file has them; none of their install scripts is needed. Those that are only
# for development go again: a package that can do without one would still find it.
FROM ${NODE_IMAGE} AS build
WORKDIR /source
ENV NX_DAEMON=false
COPY --from=manifests /srv ./
RUN npm ci --ignore-scripts --no-audit --no-fund \
  && npx nx run-many --targets=generate \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf ~/.npm
COPY . .
COPY --from=system /system/var/lib/dpkg/status.d /system-packages
ARG SOURCE_DATE_EPOCH

# Only here
RUN node tools/images/src/main.ts bridge --system-packages=/system-packages --target=/program

# docker build --target=sbom --output=DIR writes the bill of materials alone.
FROM scratch AS sbom
COPY --from=build /program/usr/share/doc/fairlead/sbom.spdx.json /

FROM scratch
ARG NODE_IMAGE
ARG VERSION=0.0.0-unversioned
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Fairlead bridge" \
  org.opencontainers.image.description="Takes the agents' changes and keeps Clouddriver's SQL cache true." \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.base.name="${NODE_IMAGE}"
COPY --from=system --chown=0:0 /system /
COPY --from=system --chown=65532:65532 /data /var/lib/fairlead
COPY --from=build --chown=0:0 /program /
ENV PATH=/usr/local/bin:/usr/bin NODE_ENV=production HOME=/var/lib/fairlead
USER 65532:65532
WORKDIR /var/lib/fairlead
VOLUME /var/lib/fairlead
EXPOSE 9091 9080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/tini", "--", "fairlead-bridge"]
