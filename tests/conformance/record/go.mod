module campana/conformance/record

go 1.26
