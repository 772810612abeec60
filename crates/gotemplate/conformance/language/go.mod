module gotemplate/conformance/language

go 1.26
