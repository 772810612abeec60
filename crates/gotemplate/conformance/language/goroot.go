package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
)

// table finds the rows of Go's own tests: they are read where Go is installed, so that this program
// holds none of their text.
type table struct {
	fset  *token.FileSet
	files []*ast.File
	info  *types.Info
}

func goroot() string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(out))
}

// load reads the files of a package, its tests too. What does not resolve stays without a type.
func load(directory, name string) *table {
	t := &table{fset: token.NewFileSet(), info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}}
	paths, err := filepath.Glob(filepath.Join(goroot(), "src", directory, "*.go"))
	if err != nil || len(paths) == 0 {
		panic(fmt.Sprint("no sources of ", directory, " in the Go installation: ", err))
	}
	for _, path := range paths {
		file, err := parser.ParseFile(t.fset, path, nil, 0)
		if err == nil && file.Name.Name == name {
			t.files = append(t.files, file)
		}
	}
	config := types.Config{Importer: importer.ForCompiler(t.fset, "source", nil), Error: func(error) {}}
	_, _ = config.Check(directory, t.fset, t.files, t.info)
	return t
}

// rows are the elements of the composite literal that a package variable is set to.
func (t *table) rows(variable string) [][]ast.Expr {
	var rows [][]ast.Expr
	for _, file := range t.files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Names[0].Name != variable || len(spec.Values) != 1 {
				return true
			}
			for _, element := range spec.Values[0].(*ast.CompositeLit).Elts {
				if row, ok := element.(*ast.CompositeLit); ok {
					rows = append(rows, row.Elts)
				}
			}
			return false
		})
	}
	if len(rows) == 0 {
		panic("no rows in " + variable)
	}
	return rows
}

// text is the string that an expression is, `name: value` too.
func (t *table) text(expr ast.Expr) (string, bool) {
	if pair, ok := expr.(*ast.KeyValueExpr); ok {
		expr = pair.Value
	}
	value := t.info.Types[expr].Value
	if value == nil || value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(value), true
}

// value is what an expression makes, with the nearest type that data can have: a slice for an array.
func (t *table) value(expr ast.Expr) (reflect.Value, error) {
	known := t.info.Types[expr]
	if known.Value != nil {
		return constantOf(known)
	}
	switch e := expr.(type) {
	case *ast.Ident:
		if found, ok := variables[e.Name]; ok {
			return found, nil
		}
	case *ast.ParenExpr:
		return t.value(e.X)
	case *ast.CompositeLit:
		return t.composite(e, known.Type)
	case *ast.CallExpr:
		return t.call(e, known.Type)
	}
	return reflect.Value{}, fmt.Errorf("%s", types.ExprString(expr))
}

// variables are those that the tables of fmt use, and nil.
var variables = map[string]reflect.Value{
	"nil": {}, "NaN": reflect.ValueOf(math.NaN()), "posInf": reflect.ValueOf(math.Inf(1)), "negInf": reflect.ValueOf(math.Inf(-1)),
}

func constantOf(known types.TypeAndValue) (reflect.Value, error) {
	of, err := typeOf(types.Default(known.Type))
	if err != nil {
		return reflect.Value{}, err
	}
	v := reflect.New(of).Elem()
	switch of.Kind() {
	case reflect.Bool:
		v.SetBool(constant.BoolVal(known.Value))
	case reflect.String:
		v.SetString(constant.StringVal(known.Value))
	case reflect.Float32, reflect.Float64:
		f, _ := constant.Float64Val(constant.ToFloat(known.Value))
		v.SetFloat(f)
	case reflect.Complex128:
		re, _ := constant.Float64Val(constant.Real(known.Value))
		im, _ := constant.Float64Val(constant.Imag(known.Value))
		v.SetComplex(complex(re, im))
	default:
		return integer(v, constant.ToInt(known.Value))
	}
	return v, nil
}

func integer(v reflect.Value, value constant.Value) (reflect.Value, error) {
	if signed, exact := constant.Int64Val(value); exact && v.CanInt() {
		v.SetInt(signed)
	} else if unsigned, exact := constant.Uint64Val(value); exact && v.CanUint() {
		v.SetUint(unsigned)
	} else {
		return v, fmt.Errorf("a constant of type %s", v.Type())
	}
	return v, nil
}

// typeOf is the type, or the nearest one that data can have.
func typeOf(of types.Type) (reflect.Type, error) {
	switch u := of.Underlying().(type) {
	case *types.Basic:
		if found, ok := basics[u.Kind()]; ok {
			return found, nil
		}
	case *types.Slice:
		return sliceOf(u.Elem())
	case *types.Array:
		return sliceOf(u.Elem())
	case *types.Map:
		key, err := typeOf(u.Key())
		if err != nil {
			return nil, err
		}
		element, err := typeOf(u.Elem())
		if err != nil {
			return nil, err
		}
		return reflect.MapOf(key, element), nil
	case *types.Interface:
		return reflect.TypeFor[any](), nil
	}
	return nil, fmt.Errorf("%s", of)
}

func sliceOf(element types.Type) (reflect.Type, error) {
	of, err := typeOf(element)
	if err != nil {
		return nil, err
	}
	return reflect.SliceOf(of), nil
}

var basics = map[types.BasicKind]reflect.Type{
	types.Bool: reflect.TypeFor[bool](), types.String: reflect.TypeFor[string](), types.Int: reflect.TypeFor[int](),
	types.Int8: reflect.TypeFor[int8](), types.Int16: reflect.TypeFor[int16](), types.Int32: reflect.TypeFor[int32](),
	types.Int64: reflect.TypeFor[int64](), types.Uint: reflect.TypeFor[uint](), types.Uint8: reflect.TypeFor[uint8](),
	types.Uint16: reflect.TypeFor[uint16](), types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](),
	types.Uintptr: reflect.TypeFor[uint64](), types.Float32: reflect.TypeFor[float32](), types.Float64: reflect.TypeFor[float64](),
	types.Complex64: reflect.TypeFor[complex128](), types.Complex128: reflect.TypeFor[complex128](),
}

func (t *table) composite(e *ast.CompositeLit, of types.Type) (reflect.Value, error) {
	kind, err := typeOf(of)
	if err != nil {
		return reflect.Value{}, err
	}
	v := reflect.New(kind).Elem()
	if kind.Kind() == reflect.Map {
		v.Set(reflect.MakeMap(kind))
	} else {
		v.Set(reflect.MakeSlice(kind, 0, len(e.Elts)))
	}
	for _, element := range e.Elts {
		var key reflect.Value
		if pair, ok := element.(*ast.KeyValueExpr); ok && kind.Kind() == reflect.Map {
			if key, err = t.value(pair.Key); err != nil {
				return v, err
			}
			element = pair.Value
		}
		item, err := t.value(element)
		if err != nil {
			return v, err
		}
		if !item.IsValid() {
			item = reflect.Zero(kind.Elem())
		}
		if item = item.Convert(kind.Elem()); key.IsValid() {
			v.SetMapIndex(key, item)
		} else {
			v.Set(reflect.Append(v, item))
		}
	}
	return v, nil
}

func (t *table) call(e *ast.CallExpr, of types.Type) (reflect.Value, error) {
	switch types.ExprString(e.Fun) {
	case "math.Inf":
		if sign, err := t.value(e.Args[0]); err == nil {
			return reflect.ValueOf(math.Inf(int(sign.Int()))), nil
		}
	case "math.NaN":
		return reflect.ValueOf(math.NaN()), nil
	case "complex":
		re, err := t.value(e.Args[0])
		if err != nil {
			return re, err
		}
		im, err := t.value(e.Args[1])
		if err != nil {
			return im, err
		}
		return reflect.ValueOf(complex(number(re), number(im))), nil
	}
	if !t.info.Types[e.Fun].IsType() || len(e.Args) != 1 {
		return reflect.Value{}, fmt.Errorf("%s", types.ExprString(e))
	}
	kind, err := typeOf(of)
	if err != nil {
		return reflect.Value{}, err
	}
	v, err := t.value(e.Args[0])
	if err != nil || !v.IsValid() {
		return reflect.Zero(kind), err
	}
	if !v.CanConvert(kind) {
		return v, fmt.Errorf("%s", types.ExprString(e))
	}
	return v.Convert(kind), nil
}

func number(v reflect.Value) float64 { return v.Convert(reflect.TypeFor[float64]()).Float() }
