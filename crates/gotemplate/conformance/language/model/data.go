package model

import (
	"math"
	"time"
)

// Shanghai is what the cases call the local zone.
var Shanghai = zone("Asia/Shanghai")

func zone(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return location
}

var noon = time.Date(2026, time.November, 20, 12, 0, 30, 123456789, time.UTC)

// Data are the values that templates are executed with, by name.
func Data() map[string]any {
	return map[string]any{
		"kinds":    kindsValue(),
		"kindsp":   pointer(kindsValue()),
		"values":   values(),
		"alert":    alert("firing", 3),
		"alerts":   Alerts{alert("firing", 1), alert("resolved", 2), alert("firing", 3)},
		"message":  message(),
		"tree":     &Node{1, &Node{2, nil, &Node{3, nil, nil}}, &Node{4, nil, nil}},
		"leaf":     &Node{Val: 5},
		"nilnode":  (*Node)(nil),
		"strings":  []string{"a", "b", "磁盘"},
		"ints":     []int{3, 4, 5},
		"anys":     []any{1, "two", 3.5, nil, []any{true}, map[string]any{"k": "v"}},
		"texts":    map[string]string{"x": "1", "y": "", "磁": "盘"},
		"dict":     map[string]any{"x": 1, "nil": nil, "m": map[string]any{"in": "deep"}, "s": "text"},
		"intmap":   map[string]int{"x": 99},
		"numbers":  map[int]string{2: "two", 1: "one"},
		"mixed":    map[any]any{1: "one", 2: nil, 3: 4.5},
		"niltexts": map[string]string(nil),
		"kv":       KV{"alertname": "磁盘", "severity": "critical"},
		"plain":    Plain{"a": "1", "b": "2"},
		"tags":     Tags{"x", "y"},
		"level":    Level("warn"),
		"code":     Code("c1"),
		"point":    Point{1, 2, "p"},
		"stamp":    Stamp{"now"},
		"failure":  Failure{"disk"},
		"int":      13,
		"text":     "It'd be <b>nice</b> & 好",
		"bad":      "a\xffb\xe4\xb8",
		"time":     noon,
		"duration": 90 * time.Second,
		"tval":     tValue(),
		"compared": compared(),
	}
}

func pointer[V any](value V) *V { return &value }

func kindsValue() Kinds {
	return Kinds{
		Bool: true, Int: -7, Int8: -8, Int16: -16, Int32: -32, Int64: math.MinInt64, Uint: 7, Uint8: 200, Uint16: 16,
		Uint32: 32, Uint64: math.MaxUint64, Float32: 1.25, Float64: 1e21, Complex: 1 - 2i, String: "文a", Bytes: []byte("by\xfftes"),
		Strings: []string{"p", "q r"}, Ints: []int{3, 1, 2}, Bools: []bool{true, false}, Anys: []any{1, "x", nil, 2.5},
		Matrix: [][]int{{1, 2}, {}, nil}, Texts: map[string]string{"k": "v"}, Dict: map[string]any{"a": 1, "b": nil, "c": "s"},
		Numbers: map[int]string{1: "one", -2: "neg"}, Smalls: map[int8]string{3: "small"}, Unsigned: map[uint32]string{4: "four"},
		Switches: map[bool]string{true: "on", false: "off"}, Floats: map[float64]string{1.5: "x", -1: "y"},
		Mixed: map[any]any{"k": 1, "m": nil, "t": "text"}, Nested: map[string]map[string]int{"in": {"one": 1}, "nil": nil},
		Time: noon, Duration: 1500 * time.Millisecond, Month: time.March, Weekday: time.Tuesday,
		KV: KV{"b": "2", "a": "1"}, Plain: Plain{"z": "26"}, Tags: Tags{"t1", "t2"}, Level: "info", Code: "e7",
		Point: Point{3, 4, "pt"}, Stamp: Stamp{"st"}, Failure: Failure{"why"}, Alerts: Alerts{alert("firing", 1), alert("resolved", 2)},
		Points: map[string]Point{"o": {}}, Any: "any",
	}
}

func values() map[string]any {
	k := kindsValue()
	return map[string]any{
		"bool": true, "false": false, "int": 7, "zero": 0, "neg": -3, "int8": int8(7), "int64": int64(7), "uint": uint(7), "uint8": uint8(65),
		"uint64": uint64(math.MaxUint64), "float": 2.5, "seven": 7.0, "float32": float32(0.1), "nan": math.NaN(), "inf": math.Inf(1),
		"complex": 1 + 2i, "string": "str", "empty": "", "seventext": "7", "html": "<a href='x'>\"&\x00</a>", "bad": "\xff\xfe", "bytes": []byte("hi"),
		"strings": []string{"a", "b"}, "ints": []int{1, 2, 3}, "anys": []any{1, "b", nil}, "none": []string{}, "texts": map[string]string{"a": "A"},
		"dict": map[string]any{"a": 1}, "numbers": map[int]string{1: "one"}, "time": noon, "duration": 90 * time.Second, "month": time.May,
		"kv": k.KV, "tags": k.Tags, "level": k.Level, "code": k.Code, "point": k.Point, "stamp": k.Stamp, "failure": k.Failure, "alerts": k.Alerts,
		"node": &Node{Val: 9}, "nilnode": (*Node)(nil), "nil": nil, "niltexts": map[string]string(nil), "nilstrings": []string(nil),
		"rune": 'x', "mixed": k.Mixed, "shanghai": noon.In(zone("Asia/Shanghai")),
	}
}

func alert(status string, count int) Alert {
	return Alert{status, KV{"alertname": "DiskFull", "instance": "10.0.0.1:9100"}, count, 42.5}
}

func message() map[string]any {
	return map[string]any{
		"receiver": "ding", "status": "firing", "externalURL": "http://am:9093", "version": "4", "truncatedAlerts": 0.0,
		"commonLabels": map[string]any{"alertname": "磁盘满", "severity": "critical"}, "groupLabels": map[string]any{},
		"alerts": []any{
			map[string]any{"status": "firing", "labels": map[string]any{"instance": "a:9100", "value": 97.25}, "annotations": map[string]any{"summary": "a > 90%"}, "startsAt": "2026-11-20T08:00:30.123Z"},
			map[string]any{"status": "resolved", "labels": map[string]any{"instance": "b:9100"}, "annotations": nil, "startsAt": "2026-11-20T09:00:00+08:00"},
		},
	}
}

func tValue() *T {
	return &T{
		True: true, I: 17, U16: 16, X: "x", S: "xyz", U: &U{"v"}, V1: &V{7777}, SI: []int{3, 4, 5}, SB: []bool{true, false},
		AI: []int{3, 4, 5}, PAI: []int{3, 4, 5}, MSI: map[string]int{"one": 1, "two": 2, "three": 3}, MSIone: map[string]int{"one": 1},
		MXI: map[any]int{"one": 1}, MII: map[int]int{1: 1}, MI32S: map[int32]string{1: "one", 2: "two"}, MI64S: map[int64]string{2: "i642", 3: "i643"},
		MUI32S: map[uint32]string{2: "u322", 3: "u323"}, MUI64S: map[uint64]string{2: "ui642", 3: "ui643"}, MI8S: map[int8]string{2: "i82", 3: "i83"},
		MUI8S: map[uint8]string{2: "u82", 3: "u83"}, SMSI: []map[string]int{{"one": 1, "two": 2}, {"eleven": 11, "twelve": 12}},
		Empty1: 3, Empty2: "empty2", Empty3: []int{7, 8}, Empty4: &U{"UinEmpty"}, Str: Stamp{"foozle"}, Err: Failure{"erroozle"},
		PI: 23, PS: "a string", PSI: []int{21, 22, 23},
	}
}

func compared() *Compared {
	return &Compared{
		Uthree: 3, Ufour: 4, NegOne: -1, Three: 3, Ptr: &U{"p"}, NonNilMap: map[int]int{}, Iface1: Stamp{"s"},
	}
}
