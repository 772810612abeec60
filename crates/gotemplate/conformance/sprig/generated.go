package main

import (
	"fmt"
	"math/rand"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/Masterminds/sprig/v3"
)

// most is how many calls there are of one function.
const most = 48

// absent are the functions that the crate refuses, and those whose outcome is a matter of time.
var absent = strings.Fields(`env expandenv getHostByName bcrypt htpasswd derivePassword genPrivateKey
	buildCustomCert genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert
	genSignedCertWithKey encryptAES decryptAES osBase osClean osDir osExt osIsAbs randAlphaNum randAlpha
	randAscii randNumeric randBytes randInt shuffle uuidv4 now ago`)

var anything = strings.Fields(`nil .True false 0 3 -7 2.5 "abc" "" "12" "-3.7" "0x1F" "08" "1e3" .Strings
	.NoStrings .NilStrings .Ints .Floats .List .NilList .Lists .Dict .Empty .NilDict .StringMap .IntMap .AnyMap
	.Time .Duration .Month .Int8 .Int64 .Uint8 .Uint64 .MinInt .Float32 .Huge .NaN .Inf .Complex .Bad .Html
	.Bytes .Times .Year10000 .Missing (list) (list|1|2) (dict|"k"|1) 'a'`)

var texts = []string{
	`""`, `"abc"`, `"Hello World"`, `"日本 語"`, `"a,b,,c"`, `"  x\ty\n"`, `"12"`, `"-3.7"`, `"0777"`, `.Bad`, `.Html`,
	`"HTTPServer_id2go Foo-Bar"`, `"b"`, `","`, `"é"`, `"aXbXc"`, `"the quick brown fox jumps"`, `" "`, `"ß ŉ ᾳ ǆ"`,
}

// pools are the arguments of one parameter, by function and number, or by function alone.
var pools = map[string][]string{
	"regex": {`"a"`, `"[a-z]+"`, `"(\\w)(X)?"`, `""`, `"x*"`, `"["`, "`(?P<n>b)`", `"^a|c$"`, `"a\nb("`, "\"`[\"", `"(?i)HELLO"`, `"日"`, `"\\s"`},
	"repl":  {`""`, `"-"`, `"$1"`, `"${n}x"`, `"$$"`, `"$0$0"`, `"$1x"`, `"é"`},
	"json": {
		`""`, `"1"`, `"null"`, `"{\"a\":[1,2.5,{\"b\":null}],\"c\":\"\\u00e9\\ud83d\\ude00\\ud800x\"}"`, `"[1,]"`, `"{\"a\"}"`,
		`"{a:1}"`, `"{\"a\":1,}"`, `"[1 2]"`, `"tru"`, `"truX"`, `"1e400"`, `"[1e400,2]"`, `"01"`, `"-"`, `"1."`, `"1e"`,
		`"\"a"`, `"\"\\x\""`, `"\"\\u12g4\""`, `"\"\t\""`, `" [ ] x"`, `"{\"a\":1 \"b\"}"`, `"é"`, `"'"`, `"\x00"`, `"[[[[]]]]"`, `"{}"`,
		`"{\"b\":1,\"a\":2,\"b\":3}"`, `"-0"`, `"1E+2"`, `.Bad`, `"\"\xff\""`, `"nul"`, `"[\"\\\"/\\/\\b\\f\\n\\r\\t\"]"`, `"\"\\ud800\\u0041\""`, `"-a"`,
	},
	"b64": {
		`""`, `"YWJj"`, `"YWI="`, `"YQ=="`, `"YQ="`, `"YQ"`, `"Y"`, `"="`, `"YW=j"`, `"YWJj\n"`, `"YW\nJj"`, `"YQ==\n"`, `"YQ=\n="`, `"YWJj="`,
		`"YWI=YWI="`, `"!!!!"`, `"YWJjZGVm!"`, `"YQ=a"`, `"__-_"`, `"/+8="`, `"YR=="`, `"\n"`, `"YWJ\n"`, `"Y\nQ"`, `"YQ=\na"`, `"====" `, `"AAAA===="`,
	},
	"b32": {
		`""`, `"MFRGG==="`, `"MFRGGZA="`, `"ME======"`, `"MFRGGZDF"`, `"MFRGG"`, `"mfrgg==="`, `"MFRGG=="`, `"M======="`, `"MFR====="`, `"MFRGGZ=="`,
		`"========"`, `"MF\nRGG==="`, `"MFRGG===MFRGG==="`, `"MFRG====x"`, `"ME=====A"`, `"ME=A===="`, `"MFRGGZDFMFRGG==="`, `"M"`, `"ME======AA"`, `"ME====="`,
	},
	"layout": {
		`"2006-01-02"`, `"2006-01-02 15:04:05.999 MST"`, `"Mon Jan _2 03:04PM -0700"`, `""`, `"x"`, `"15:04 Z07:00"`, `"2006-01-02T15:04:05Z07:00"`,
	},
	"zone": {`"UTC"`, `"Local"`, `""`, `"Asia/Shanghai"`, `"America/New_York"`, `"Nowhere/At_All"`, `"../etc"`},
	"when": {`.Time`, `.Shanghai`, `.Year1`, `0`, `1700000000`, `.Int64`, `.Int32`, `-1`},
	"span": {`"1h"`, `"-90m"`, `"x"`, `""`, `"1.5s"`, `"100000h"`, `"1d"`},
	"stamp": {
		`"2026-11-20"`, `"2026-11-20 08:00:30.5 CST"`, `"2026-13-01"`, `""`, `"x"`, `"08:00 +02:00"`, `"2026-11-20T08:00:30Z"`, `"2026-11-20T08:00:30+02:00"`,
	},
	"path": {`""`, `"/"`, `"a"`, `"/a/b.tar.gz"`, `"a/../../b/./c//"`, `"/../x"`, `"//"`, `"a/b/"`, `"../.."`, `"./.x"`, `"a.b/c"`, `"..//a/../.."`, `"/a/../.."`, `"a/.."`},
	"url": {
		`""`, `"http://user:pa%20ss@host:8080/p a/b%2Fc?q=1&r=a b#frag%20x"`, `"mailto:a@b.c"`, `"/path;x?y"`, `"http://[::1]:80/"`, `"http://h:x/"`,
		`"//h/p"`, `"a:b:c"`, `":x"`, `"1a:b"`, `"http://h/%zz"`, `"http://h?#"`, `"http://a b/"`, `"http://user@h"`, `"?x"`, `"#f"`, `"http://[::1"`, `"http://h/\x7f"`,
		`"HTTP://H/%41"`, `"a/b:c"`, `"b:c/d"`, `"http://u:p:q@h"`, `"http://%41.com/"`, `"http://h:/"`, `"*"`, `"http://u%zz@h/"`, `"http://[fe80::1%25en0]:80/"`, `"http:a"`, `"http://é/é?é#é"`, `"x://a@b@c/"`, `"http://h/a?b=%zz#%zz"`,
	},
	"dictUrl": {
		`.Url`, `.Empty`, `.NilDict`, `(dict "scheme" "mailto" "opaque" "a@b")`, `(dict "host" "h" "path" "p")`, `(dict "path" "a:b")`, `(dict "scheme" 1)`, `(dict "host" nil)`,
		`(dict "userinfo" "us er" "host" "h")`, `(dict "userinfo" "a:b" "path" "//x")`, `(dict "path" "/é%" "fragment" "a#é" "query" "é")`, `(dict "userinfo" "a%zz" "host" "h")`,
		`(dict "host" "[::1]:80" "scheme" "http")`, `(dict "host" "a b")`, `(dict "scheme" "http" "path" "//x")`, `(dict "userinfo" "" "host" "" "scheme" "file" "path" "/x")`, `(dict "host" "h%é" "scheme" "x")`, `(dict "userinfo" "u/x" "host" "h")`,
	},
	"version": {
		`"1.2.3"`, `"v1.2"`, `"1"`, `"1.2.3-beta.1+meta"`, `"1.2.3-rc.2"`, `""`, `"x"`, `"1.2.3.4"`, `"01.2.3"`, `"1.2.3-01"`, `"2.0.0"`, `"0.3.0"`, `"99999999999999999999.1"`, `"1.2.3-"`, `"1.2.3+a b"`, `"0.0.3"`, `"1.2.3-a.b.c"`,
	},
	"constraint": {
		`"1.2.3"`, `">=1.2"`, `"^1.2.0"`, `"~1.2"`, `"1.x"`, `"*"`, `""`, `">1 <2"`, `">1, <2"`, `"<1 || >1.5"`, `"1.2 - 2.0"`, `"!=1.2.3"`, `"!=1.2"`, `"^0.3"`, `"^0.0.3"`, `"^0.0"`, `"^0"`,
		`"=<1.2.3"`, `"=>1.2"`, `"~>1"`, `"x"`, `">x"`, `"a"`, `">=1.2-0"`, `"<1.2.3-rc.3"`, `"~0.0.0"`, `">1.2"`, `"<=1"`, `"<=1.2"`, `"!=1"`, `">= 1.2.3-alpha, < 3"`, `"|| 1"`, `"1.2.3 1.2.3"`, `"~x.1"`, `"01"`, `"1 - x"`, `"^1.2.3-beta.0"`, `"1.2.3-0 - 2"`, `"=1.2.3-rc.2"`, `"1.*.3"`, `"!=1.2.3-rc"`,
	},
	"names": {`"a"`, `"d"`, `"c"`, `"zz"`, `""`},
	"octal": {`"17"`, `"8"`, `17`, `755`, `2.5`, `nil`, `"-7"`, `.List`, `"777777777777777777777777"`, `'a'`, `""`},
	"list":  {`.Strings`, `.Ints`, `.List`, `.NilList`, `.NoStrings`, `.Lists`, `.Bytes`, `(list 1 2 3)`, `nil`, `"abc"`, `.Dict`, `3`, `(list)`, `.Floats`, `.NilStrings`},
	"small": {`0`, `1`, `2`, `3`, `-1`, `5`, `"2"`, `2.9`, `nil`},
	"float": {`1`, `2.5`, `-0.1`, `"1.1"`, `3`, `0.2`, `1e20`, `.Huge`, `"x"`, `.Float32`, `7`, `0`, `1e-7`, `.Uint64`, `0.3`, `.True`},
	// Not the data's dicts: Go would put one into itself, and die printing it.
	"plain": {`1`, `"x"`, `nil`, `.Strings`, `.Time`, `(dict "k" 1)`, `.Missing`},
	"round": {`123.5555`, `123.45`, `-2.5`, `"2.675"`, `1e300`, `.Inf`, `.NaN`, `0`, `5`, `-0.05`, `1.005`, `nil`},
}

// parameters say which pool an argument is taken from, where its type alone does not.
var parameters = map[string][]string{
	"regexMatch": {"regex"}, "mustRegexMatch": {"regex"}, "regexFind": {"regex"}, "mustRegexFind": {"regex"},
	"regexFindAll": {"regex"}, "mustRegexFindAll": {"regex"}, "regexSplit": {"regex"}, "mustRegexSplit": {"regex"},
	"regexReplaceAll": {"regex", "", "repl"}, "mustRegexReplaceAll": {"regex", "", "repl"},
	"regexReplaceAllLiteral": {"regex", "", "repl"}, "mustRegexReplaceAllLiteral": {"regex", "", "repl"},
	"fromJson": {"json"}, "mustFromJson": {"json"}, "b64dec": {"b64"}, "b32dec": {"b32"},
	"date": {"layout", "when"}, "dateInZone": {"layout", "when", "zone"}, "date_in_zone": {"layout", "when", "zone"},
	"htmlDate": {"when"}, "htmlDateInZone": {"when", "zone"}, "dateModify": {"span"}, "date_modify": {"span"},
	"mustDateModify": {"span"}, "must_date_modify": {"span"}, "toDate": {"layout", "stamp"}, "mustToDate": {"layout", "stamp"},
	"base": {"path"}, "dir": {"path"}, "clean": {"path"}, "ext": {"path"}, "isAbs": {"path"},
	"urlParse": {"url"}, "urlJoin": {"dictUrl"}, "semver": {"version"}, "semverCompare": {"constraint", "version"},
	"get": {"", "names"}, "hasKey": {"", "names"}, "unset": {"", "names"}, "pluck": {"names"}, "pick": {"", "names"}, "omit": {"", "names"},
	"toDecimal": {"octal"}, "slice": {"list", "small"}, "mustSlice": {"list", "small"},
	"addf": {"float"}, "subf": {"float", "float"}, "mulf": {"float", "float"}, "divf": {"float", "float"}, "add1f": {"float"},
	"round": {"round"}, "set": {"", "names", "plain"},
	"has": {"", "list"}, "mustHas": {"", "list"}, "without": {"list"}, "mustWithout": {"list"}, "chunk": {"", "list"}, "mustChunk": {"", "list"},
	"append": {"list"}, "prepend": {"list"}, "push": {"list"}, "mustAppend": {"list"}, "mustPush": {"list"}, "mustPrepend": {"list"},
	"concat": {"list"}, "durationRound": {"durations"}, "wrapWith": {"", "repl"},
}

func init() {
	for i, text := range anything {
		anything[i] = strings.ReplaceAll(text, "|", " ")
	}
	// A time would be measured from now.
	for _, text := range append(anything, pools["span"]...) {
		if text != ".Time" && text != ".Year10000" {
			pools["durations"] = append(pools["durations"], text)
		}
	}
}

func ofType(of reflect.Type) []string {
	switch of {
	case reflect.TypeFor[string]():
		return texts
	case reflect.TypeFor[int]():
		return []string{"0", "1", "-1", "3", "7", "4", "10"}
	case reflect.TypeFor[bool]():
		return []string{"true", "false"}
	case reflect.TypeFor[float64]():
		return []string{"0.5", "0.3", "0.9"}
	case reflect.TypeFor[time.Time]():
		return []string{".Time", ".Shanghai", ".Year1"}
	case reflect.TypeFor[map[string]any]():
		return []string{".Dict", ".Other", ".Empty", ".NilDict", `(dict "a" "x" "d" 1)`, ".Times"}
	}
	return anything
}

func generated() []string {
	table := sprig.TxtFuncMap()
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	sort.Strings(names)
	var calls []string
	for _, name := range names {
		if strings.Contains(" "+strings.Join(strings.Fields(strings.Join(absent, " ")), " ")+" ", " "+name+" ") {
			continue
		}
		calls = append(calls, callsOf(name, reflect.TypeOf(table[name]))...)
	}
	return calls
}

// callsOf gives each argument of the first pool once, and then any, always the same.
func callsOf(name string, of reflect.Type) []string {
	random := rand.New(rand.NewSource(int64(len(name))))
	pool := func(at int) []string {
		if named := parameters[name]; at < len(named) && named[at] != "" {
			return pools[named[at]]
		}
		if named := parameters[name]; of.IsVariadic() && at >= of.NumIn()-1 {
			if last := of.NumIn() - 1; last < len(named) && named[last] != "" {
				return pools[named[last]]
			}
			return ofType(of.In(of.NumIn() - 1).Elem())
		}
		return ofType(of.In(at))
	}
	var calls []string
	for i := range most {
		count := of.NumIn()
		if of.IsVariadic() {
			count += random.Intn(4) - 1
		}
		call := name
		for at := range count {
			arguments := pool(at)
			chosen := arguments[random.Intn(len(arguments))]
			if at == 0 && i < len(arguments) {
				chosen = arguments[i]
			}
			call += " " + chosen
		}
		if of.NumIn() == 0 && i > 0 {
			break
		}
		verb := "%#v"
		if name == "semver" {
			// Its fields are not exported, so the crate does not have them.
			verb = "%v"
		}
		calls = append(calls, fmt.Sprintf(`{{$r := %s}}{{printf "%%T %s" $r $r}}`, call, verb))
	}
	return calls
}
