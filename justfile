# Lists the recipes.
default:
    @just --list

# What CI runs.
check:
    scripts/test

# Formats the sources.
fmt:
    cargo fmt --all

# All tests but the ones that need another build.
test *arguments:
    cargo test --workspace {{arguments}}

# What clippy and the formatter can mend by themselves.
fix:
    cargo clippy --workspace --all-targets --all-features --fix --allow-dirty
    cargo fmt --all

# The documentation of the code, opened.
doc:
    cargo doc --workspace --no-deps --open

# Size, memory, start and dependencies against their goals.
figures:
    cargo build --release --locked
    scripts/figures

# Speed and memory against their goals: just bench accept, flat, drain, memory or all.
bench *arguments:
    scripts/bench {{arguments}}

# The server: just run serve --config.file=campana.yml
run *arguments:
    cargo run -- {{arguments}}

# The whole flow against a simulated DingTalk.
demo:
    cargo run --release -- demo
