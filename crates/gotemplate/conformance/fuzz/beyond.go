package main

import (
	"strings"

	"gotemplate/conformance/language/model"
)

// beyond says why two answers may differ: the crate's values can't hold what Go's do. Nothing when
// they may not.
func beyond(request Request, gos, ours Answer) string {
	if strings.Contains(ours.Output+ours.Error, "(time.Time=") {
		return "the fields of time.Time that are not exported"
	}
	return model.Unheld(request.Sources, request.Data, model.Answer{Output: []byte(gos.Output), Error: gos.Error})
}
