# Campana's image: the binary, the libraries that it is linked to, CA certificates; no shell.
#
# The libraries are copied as `ldd` names them, because SQLite and the TLS code are C and are linked
# to glibc. Time zones are compiled in.
#
#   docker build -t campana .
#   docker run --read-only -v campana-data:/data -p 8060:8060 \
#     -v "$PWD/campana.yml:/etc/campana/campana.yml:ro" \
#     -v "$PWD/secrets:/etc/campana/secrets:ro" campana

# Any Debian with the pinned Rust; an own mirror or a prepared base takes its place offline.
ARG BASE=rust:1.95-bookworm

FROM ${BASE} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential ca-certificates cmake \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin campana
# /data belongs to the user that the process runs as, also in a volume made from it.
RUN set -eu; \
    install -D target/release/campana /image/bin/campana; \
    for library in $(ldd target/release/campana | grep -o '/[^ ]*'); do \
      install -D "$library" "/image$library"; \
    done; \
    install -D -m 644 /etc/ssl/certs/ca-certificates.crt \
      /image/etc/ssl/certs/ca-certificates.crt; \
    echo 'campana:x:65532:65532::/data:/sbin/nologin' > /image/etc/passwd; \
    echo 'campana:x:65532:' > /image/etc/group; \
    echo 'hosts: files dns' > /image/etc/nsswitch.conf; \
    mkdir -p /image/etc/campana /image/tmp; \
    install -d -m 700 -o 65532 -g 65532 /image/data

FROM scratch
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="campana" \
      org.opencontainers.image.description="Delivers Alertmanager's notifications to DingTalk" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /image /
USER 65532:65532
# The default storage, sqlite:data/campana.db, is below the working directory: /data/campana.db.
WORKDIR /
VOLUME /data
EXPOSE 8060
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 \
  CMD ["/bin/campana", "healthcheck"]
ENTRYPOINT ["/bin/campana"]
CMD ["serve", "--config.file=/etc/campana/campana.yml"]
