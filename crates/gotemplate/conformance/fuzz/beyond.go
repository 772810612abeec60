package main

import (
	"regexp"
	"strings"

	"gotemplate/conformance/language/model"
)

var inType = regexp.MustCompile(`in type \S+`)

// beyond says why two answers may differ: the crate's values can't hold what Go's do. Nothing when
// they may not.
func beyond(request Request, gos, ours Answer) string {
	if strings.Contains(ours.Output+ours.Error, "(time.Time=") {
		return "the fields of time.Time that are not exported"
	}
	if strings.HasSuffix(gos.Error, "in type interface {}") && inType.ReplaceAllString(ours.Error, "") == strings.TrimSuffix(gos.Error, "in type interface {}") {
		return "a field of a struct whose type is interface {}"
	}
	if strings.HasSuffix(gos.Error, "cannot index slice/array with type interface {}") && strings.Contains(ours.Error, "cannot index slice/array with type") {
		return "a field of a struct whose type is interface {}"
	}
	if strings.Contains(gos.Error, "can't evaluate field") && strings.Contains(ours.Error, "nil pointer evaluating") {
		return "a nil pointer that knows the fields of its type"
	}
	return model.Unheld(request.Sources, request.Data, model.Answer{Output: []byte(gos.Output), Error: gos.Error})
}
