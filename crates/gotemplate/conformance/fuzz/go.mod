module gotemplate/conformance/fuzz

go 1.26

require gotemplate/conformance/language v0.0.0

replace gotemplate/conformance/language => ../language
