// Package model is what the cases work on: types, functions and data, all known on the Rust side
// too, and the answer of Go's text/template.
package model

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
)

// Kinds has a field of every type that data can have.
type Kinds struct {
	Bool     bool
	Int      int
	Int8     int8
	Int16    int16
	Int32    int32
	Int64    int64
	Uint     uint
	Uint8    uint8
	Uint16   uint16
	Uint32   uint32
	Uint64   uint64
	Float32  float32
	Float64  float64
	Complex  complex128
	String   string
	Bytes    []byte
	Strings  []string
	Ints     []int
	Bools    []bool
	Anys     []any
	Matrix   [][]int
	Texts    map[string]string
	Dict     map[string]any
	Numbers  map[int]string
	Smalls   map[int8]string
	Unsigned map[uint32]string
	Switches map[bool]string
	Floats   map[float64]string
	Mixed    map[any]any
	Nested   map[string]map[string]int
	Time     time.Time
	Duration time.Duration
	Month    time.Month
	Weekday  time.Weekday
	KV       KV
	Plain    Plain
	Tags     Tags
	Level    Level
	Code     Code
	Point    Point
	Stamp    Stamp
	Failure  Failure
	Alerts   Alerts
	Points   map[string]Point
	NilNode  *Node
	Any      any
	Nil      any
	NilTexts []string
	NilDict  map[string]any
	NilKV    KV
	NilTags  Tags
}

// KV is a named map that prints as its String method says.
type KV map[string]string

// String is `a=1, b=2`.
func (kv KV) String() string {
	var parts []string
	for _, name := range kv.Names() {
		parts = append(parts, name+"="+kv[name])
	}
	return strings.Join(parts, ", ")
}

// Names are the sorted keys.
func (kv KV) Names() []string {
	names := make([]string, 0, len(kv))
	for name := range kv {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Remove is the map without some names.
func (kv KV) Remove(names []string) KV {
	left := KV{}
	for name, value := range kv {
		left[name] = value
	}
	for _, name := range names {
		delete(left, name)
	}
	return left
}

// Get is the value of a key, or the first of the others.
func (kv KV) Get(name string, others ...string) string {
	if value, ok := kv[name]; ok || len(others) == 0 {
		return value
	}
	return others[0]
}

// Plain is a named map that prints as a map.
type Plain map[string]string

// Size is how many entries there are.
func (p Plain) Size() int { return len(p) }

// Tags is a named slice.
type Tags []string

// Join joins them.
func (t Tags) Join(sep string) string { return strings.Join(t, sep) }

// Level is a named string that prints as itself.
type Level string

// Upper is the level in capitals.
func (l Level) Upper() string { return strings.ToUpper(string(l)) }

// Code is a named string that prints otherwise.
type Code string

// String is the code in brackets.
func (c Code) String() string { return "[" + string(c) + "]" }

// Point is a plain struct whose values can be compared.
type Point struct {
	X, Y int
	Name string
}

// Stamp is a struct that prints as its String method says.
type Stamp struct{ Text string }

// String is the text in angle brackets.
func (s Stamp) String() string { return "<" + s.Text + ">" }

// Failure is a struct that is an error.
type Failure struct{ Reason string }

// Error is the reason.
func (f Failure) Error() string { return "failure: " + f.Reason }

// Alerts is a named slice of structs.
type Alerts []Alert

// Firing are those that fire, without the name of the slice.
func (a Alerts) Firing() []Alert {
	found := []Alert{}
	for _, alert := range a {
		if alert.Status == "firing" {
			found = append(found, alert)
		}
	}
	return found
}

// Alert is a struct with methods of many shapes.
type Alert struct {
	Status string
	Labels KV
	Count  int
	Value  any
}

// Title takes nothing.
func (a Alert) Title() string { return strings.ToUpper(a.Status) }

// Add takes an int.
func (a Alert) Add(n int) int { return a.Count + n }

// Note takes two texts.
func (a Alert) Note(one, other string) string { return one + "/" + other }

// Join is variadic.
func (a Alert) Join(sep string, more ...string) string { return strings.Join(more, sep) }

// Sum is variadic only.
func (a Alert) Sum(more ...int) int {
	sum := 0
	for _, n := range more {
		sum += n
	}
	return sum
}

// Echo gives back what it gets.
func (a Alert) Echo(v any) any { return v }

// Wait takes a duration.
func (a Alert) Wait(d time.Duration) time.Duration { return d * 2 }

// Scale takes a float64.
func (a Alert) Scale(f float64) float64 { return f * 2 }

// Has takes a bool.
func (a Alert) Has(yes bool) bool { return !yes }

// Check fails when told to.
func (a Alert) Check(fail bool) (string, error) {
	if fail {
		return "", errors.New("checked: 坏了")
	}
	return "fine", nil
}

// Panic panics.
func (a Alert) Panic() string { panic("no panic") }

// Nothing is nil.
func (a Alert) Nothing() any { return nil }

// Self is the alert.
func (a Alert) Self() Alert { return a }

// Node is used through pointers only.
type Node struct {
	Val         int
	Left, Right *Node
}

// Depth has a pointer receiver.
func (n *Node) Depth() int {
	if n == nil {
		return 0
	}
	return 1 + max(n.Left.Depth(), n.Right.Depth())
}

// Label has a pointer receiver and an argument.
func (n *Node) Label(prefix string) string { return fmt.Sprint(prefix, n.Val) }

// T stands for the T of the tests of text/template: the same names, types that data can have.
type T struct {
	True           bool
	I              int
	U16            int
	X, S           string
	FloatZero      float64
	ComplexZero    complex128
	U              *U
	V1             *V
	SI             []int
	SIEmpty        []int
	SB             []bool
	AI             []int
	PAI            []int
	MSI            map[string]int
	MSIone         map[string]int
	MSIEmpty       map[string]int
	MXI            map[any]int
	MII            map[int]int
	MI32S          map[int32]string
	MI64S          map[int64]string
	MUI32S         map[uint32]string
	MUI64S         map[uint64]string
	MI8S           map[int8]string
	MUI8S          map[uint8]string
	SMSI           []map[string]int
	Empty0         any
	Empty1, Empty2 any
	Empty3, Empty4 any
	Str, Err       any
	PI             int
	PS             string
	PSI            []int
	NIL            *U
}

// Method0 takes nothing.
func (t *T) Method0() string { return "M0" }

// Method1 takes an int.
func (t *T) Method1(a int) int { return a }

// Method2 takes an int and a text.
func (t *T) Method2(a int, b string) string { return fmt.Sprintf("Method2: %d %s", a, b) }

// Method3 takes anything.
func (t *T) Method3(v any) string { return fmt.Sprintf("Method3: %T", v) }

// GetU is the field U.
func (t *T) GetU() *U { return t.U }

// Copy is another T that is the same.
func (t *T) Copy() *T { other := *t; return &other }

// MyError fails when told to.
func (t *T) MyError(fail bool) (bool, error) {
	if fail {
		return true, errors.New("my error")
	}
	return false, nil
}

// U is a struct with a method.
type U struct{ V string }

// TrueFalse is `true` or empty.
func (u *U) TrueFalse(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// V is a pointer that prints as its String method says.
type V struct{ J int }

// String is the number in angle brackets.
func (v *V) String() string { return fmt.Sprintf("<%d>", v.J) }

// Compared is what the comparisons of text/template's tests work on.
type Compared struct {
	Uthree, Ufour    uint
	NegOne, Three    int
	Ptr, NilPtr      *U
	NonNilMap        map[int]int
	Map              map[int]int
	V1, V2           Point
	Iface1, NilIface any
}
