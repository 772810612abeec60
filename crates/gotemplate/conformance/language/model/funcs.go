package model

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template"
	"time"
)

// Funcs are the functions of the cases: one for every type that a parameter can have.
func Funcs() template.FuncMap {
	funcs := takers()
	for name, function := range makers() {
		funcs[name] = function
	}
	return funcs
}

func takers() template.FuncMap {
	return template.FuncMap{
		"takeString":   func(v string) string { return "s:" + v },
		"takeInt":      func(v int) string { return fmt.Sprint("i:", v) },
		"takeInt64":    func(v int64) string { return fmt.Sprint("i64:", v) },
		"takeFloat":    func(v float64) float64 { return v },
		"takeBool":     func(v bool) string { return fmt.Sprint("b:", v) },
		"takeAny":      func(v any) any { return v },
		"takeValue":    takeValue,
		"takeDuration": func(v time.Duration) time.Duration { return v },
		"takeTime":     func(v time.Time) time.Time { return v },
		"takeStrings":  func(v []string) string { return "ss:" + strings.Join(v, "|") },
		"takeAnys":     func(v []any) string { return fmt.Sprint("as:", len(v)) },
		"takeDict":     func(v map[string]any) string { return fmt.Sprint("d:", len(v)) },
		"takeTexts":    func(v map[string]string) string { return fmt.Sprint("t:", len(v)) },
		"allAny":       func(v ...any) string { return kinds(v) },
		"allString":    func(v ...string) string { return strings.Join(v, "+") },
		"allInt":       add,
		"firstThenAny": func(first string, v ...any) string { return first + ":" + kinds(v) },
		"twoInts":      func(a, b int) string { return fmt.Sprint(a, "/", b) },
		"oneArg":       func(a string) string { return "oneArg=" + a },
		"twoArgs":      func(a, b string) string { return "twoArgs=" + a + b },
		"dddArg":       func(a int, b ...string) string { return fmt.Sprintln(a, b) },
		"valueString":  func(v string) string { return "value is ignored" },
		"typeOf":       func(v any) string { return fmt.Sprintf("%T", v) },
		"echo":         func(v any) any { return v },
		"add":          add,
	}
}

func makers() template.FuncMap {
	return template.FuncMap{
		"zeroArgs":   func() string { return "zeroArgs" },
		"returnInt":  func() int { return 7 },
		"mapOfThree": func() any { return map[string]int{"three": 3} },
		"die":        func() bool { panic("die") },
		"fail":       func(words string) (string, error) { return "", errors.New(words) },
		"noValue":    func() any { return nil },
		"noStrings":  func() []string { return nil },
		"noDict":     func() map[string]any { return nil },
		"listOf":     func(v ...any) []any { return v },
		"stringsOf":  func(v ...string) []string { return v },
		"makemap":    makemap,
		"dictOf":     dictOf,
	}
}

func takeValue(v reflect.Value) string {
	if v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return "none"
	}
	return v.Type().String()
}

func kinds(values []any) string {
	parts := []string{}
	for _, value := range values {
		parts = append(parts, fmt.Sprintf("%T", value))
	}
	return strings.Join(parts, ",")
}

func add(values ...int) int {
	sum := 0
	for _, value := range values {
		sum += value
	}
	return sum
}

func makemap(texts ...string) (map[string]string, error) {
	if len(texts)%2 != 0 {
		return nil, errors.New("odd makemap")
	}
	m := map[string]string{}
	for i := 0; i < len(texts); i += 2 {
		m[texts[i]] = texts[i+1]
	}
	return m, nil
}

func dictOf(values ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(values); i += 2 {
		if name, ok := values[i].(string); ok {
			m[name] = values[i+1]
		}
	}
	return m
}
