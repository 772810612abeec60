module gotemplate/conformance/record

go 1.26
