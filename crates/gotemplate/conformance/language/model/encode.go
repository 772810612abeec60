package model

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"time"
	"unicode/utf8"
)

// Text is a Go string, which JSON holds only when it is UTF-8.
type Text string

// MarshalJSON writes a string, or an object with the bytes in base64.
func (t Text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return Line(string(t)), nil
	}
	return Line(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(t))}), nil
}

// Encode writes a value with its type: {"t": type, "v": value}, and null for an untyped nil.
func Encode(value any) (json.RawMessage, error) {
	return encode(reflect.ValueOf(value))
}

type typed struct {
	Type   string               `json:"t"`
	Value  any                  `json:"v,omitempty"`
	Zone   string               `json:"z,omitempty"`
	Fields []any                `json:"f,omitempty"`
	Items  []json.RawMessage    `json:"i,omitempty"`
	Pairs  [][2]json.RawMessage `json:"m,omitempty"`
	Nil    bool                 `json:"nil,omitempty"`
}

func encode(v reflect.Value) (json.RawMessage, error) {
	if v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return json.RawMessage("null"), nil
	}
	out := typed{Type: v.Type().String()}
	if moment, ok := v.Interface().(time.Time); ok {
		out.Value, out.Zone = moment.Format(time.RFC3339Nano), moment.Location().String()
		return Line(out), nil
	}
	if err := fill(&out, v); err != nil {
		return nil, err
	}
	return Line(out), nil
}

func fill(out *typed, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		out.Value = v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		out.Value = v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		out.Value = v.Uint()
	case reflect.Float32, reflect.Float64:
		out.Value = float(v.Float())
	case reflect.Complex128:
		out.Value = []string{float(real(v.Complex())), float(imag(v.Complex()))}
	case reflect.String:
		out.Value = Text(v.String())
	default:
		return fillComposite(out, v)
	}
	return nil
}

func fillComposite(out *typed, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Slice:
		return fillSlice(out, v)
	case reflect.Map:
		return fillMap(out, v)
	case reflect.Pointer:
		if out.Nil = v.IsNil(); out.Nil || v.Elem().Kind() == reflect.Struct {
			return fillStruct(out, v.Elem())
		}
	case reflect.Struct:
		return fillStruct(out, v)
	}
	return fmt.Errorf("%s", v.Type())
}

func fillSlice(out *typed, v reflect.Value) error {
	out.Nil = v.IsNil()
	for i := range v.Len() {
		item, err := encode(v.Index(i))
		if err != nil {
			return err
		}
		out.Items = append(out.Items, item)
	}
	return nil
}

func fillMap(out *typed, v reflect.Value) error {
	out.Nil = v.IsNil()
	for _, key := range v.MapKeys() {
		name, err := encode(key)
		if err != nil {
			return err
		}
		value, err := encode(v.MapIndex(key))
		if err != nil {
			return err
		}
		out.Pairs = append(out.Pairs, [2]json.RawMessage{name, value})
	}
	sort.Slice(out.Pairs, func(i, j int) bool { return string(out.Pairs[i][0]) < string(out.Pairs[j][0]) })
	return nil
}

func fillStruct(out *typed, v reflect.Value) error {
	if out.Nil {
		return nil
	}
	for i := range v.NumField() {
		value, err := encode(v.Field(i))
		if err != nil {
			return err
		}
		out.Fields = append(out.Fields, []any{v.Type().Field(i).Name, value})
	}
	return nil
}

func float(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
