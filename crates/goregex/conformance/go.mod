module goregex/conformance

go 1.26
