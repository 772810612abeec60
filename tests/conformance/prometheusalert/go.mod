module conformance/prometheusalert

go 1.26
