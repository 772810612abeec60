#!/usr/bin/env bash
# Random templates by real Go and by this crate: conformance/fuzz.sh [how many [seed]].
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
cargo build --quiet --release --manifest-path "$root/Cargo.toml" -p gotemplate --example answer
cd "$here/fuzz"
exec go run . -answer "${CARGO_TARGET_DIR:-$root/target}/release/examples/answer" -n "${1:-200000}" ${2:+-seed "$2"}
