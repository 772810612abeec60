# Lists the recipes.
default:
    @just --list

# What CI runs.
check:
    scripts/test

fmt:
    cargo fmt --all

# The tests alone; `just test NAME` for some of them.
test *NAME:
    cargo test --workspace {{NAME}}

# What clippy can mend by itself.
fix:
    cargo clippy --workspace --all-targets --fix --allow-dirty

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --open

# Size, memory, start: printed, never asserted.
figures:
    scripts/figures

run *ARGS:
    cargo run --release -- serve {{ARGS}}

demo:
    cargo run --release -- demo
