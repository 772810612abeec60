package main

import (
	"math"
	"time"
)

// data is made anew for each case, because some functions change it.
func data() map[string]any {
	utc := time.Date(2026, 11, 20, 8, 0, 30, 123456789, time.UTC)
	return map[string]any{
		"Nil":        nil,
		"True":       true,
		"Int8":       int8(-8),
		"Int32":      int32(1_700_000_000),
		"Int64":      int64(1_700_000_000),
		"MinInt":     math.MinInt64,
		"Uint8":      uint8(200),
		"Uint64":     uint64(math.MaxUint64),
		"Float32":    float32(0.1),
		"Huge":       1e300,
		"NaN":        math.NaN(),
		"Inf":        math.Inf(1),
		"Complex":    complex(1, -2),
		"Bad":        "a\xff\xe6\x97 b\x85\xa0c",
		"Html":       "<a href=\"x\">&\u2028\x01\x7f</a>",
		"Bytes":      []byte("bytes\xff"),
		"Strings":    []string{"b", "a", "", "c", "a"},
		"NoStrings":  []string{},
		"NilStrings": []string(nil),
		"Ints":       []int{3, 1, 2, 1},
		"Floats":     []float64{0.5, math.Inf(-1)},
		"List":       []any{1, "a", nil, 2.5, []any{1}, 1, "", false},
		"NilList":    []any(nil),
		"Lists":      [][]any{{1, 2}, {}, nil},
		"Dict":       map[string]any{"a": 1, "b": "x", "c": nil, "d": map[string]any{"e": []any{1}, "f": ""}},
		"Other":      map[string]any{"a": 2, "b": "", "d": map[string]any{"e": []any{2, 3}, "g": 1}, "z": "new"},
		"Empty":      map[string]any{},
		"NilDict":    map[string]any(nil),
		"StringMap":  map[string]string{"k": "v", "a": "<b>"},
		"IntMap":     map[int]string{2: "two", 10: "ten"},
		"AnyMap":     map[any]any{1: 2},
		"Url":        map[string]any{"scheme": "https", "host": "h:1", "path": "/a b", "query": "q=1", "opaque": "", "fragment": "f g", "userinfo": "u:p@w"},
		"Time":       utc,
		"Shanghai":   utc.In(time.Local),
		"Year1":      time.Time{},
		"Year10000":  time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		"Duration":   90 * time.Minute,
		"Month":      time.November,
		"Times":      map[string]any{"t": utc, "d": time.Second},
	}
}
