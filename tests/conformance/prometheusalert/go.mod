module campana/conformance/prometheusalert

go 1.26
