package template

import (
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strings"
	"text/template"

	jsoniter "github.com/json-iterator/go"
)

// Template is a set of templates in one language.
type Template struct {
	text     *template.Template
	language string
	words    map[string]map[string]string
}

// New is an empty set. A pack is a list of languages with their words, as JSON.
func New(language string, packs []string) (*Template, error) {
	t := &Template{language: language, words: map[string]map[string]string{}}
	if language == "" {
		t.language = "English"
	}
	for _, pack := range packs {
		var languages []struct {
			Name       string
			Dictionary map[string]string
		}
		if err := json.Unmarshal([]byte(pack), &languages); err != nil {
			return nil, err
		}
		for _, one := range languages {
			if t.words[one.Name] == nil {
				t.words[one.Name] = map[string]string{}
			}
			for word, text := range one.Dictionary {
				t.words[one.Name][strings.ToLower(word)] = text
			}
		}
	}
	t.words["English"] = map[string]string{"firing": "FIRING", "resolved": "RESOLVED"}
	t.text = template.New("").Option("missingkey=zero").Funcs(t.functions())
	return t, nil
}

func (t *Template) functions() template.FuncMap {
	return template.FuncMap{
		"toUpper":  strings.ToUpper,
		"toLower":  strings.ToLower,
		"title":    strings.Title, //nolint:staticcheck // It is what the product has.
		"join":     func(sep string, s []string) string { return strings.Join(s, sep) },
		"match":    regexp.MatchString,
		"safeHtml": func(text string) htmltemplate.HTML { return htmltemplate.HTML(text) },
		"reReplaceAll": func(pattern, repl, text string) string {
			return regexp.MustCompile(pattern).ReplaceAllString(text, repl)
		},
		"stringSlice": func(s ...string) []string { return s },
		"translate": func(key string) string {
			if text, known := t.words[t.language][strings.ToLower(key)]; known {
				return text
			}
			return key
		},
		"message": func(a *Alert) string {
			if t.language == "zh-cn" {
				return a.MessageCN()
			}
			return a.Message()
		},
		"escape": func(s string) (string, error) {
			text, err := jsoniter.MarshalToString(s)
			if err != nil {
				return "", err
			}
			return text[1 : len(text)-1], nil
		},
	}
}

// ParserText adds what the texts define.
func (t *Template) ParserText(texts ...string) (*Template, error) {
	for _, text := range texts {
		if _, err := t.text.Parse(text); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Text executes a template; spaces and line ends at the end of its output are cut off.
func (t *Template) Text(name string, data *Data) (string, error) {
	set, err := t.text.Clone()
	if err != nil {
		return "", err
	}
	call := fmt.Sprintf("{{ template %q . }}", name)
	set, err = set.New("").Option("missingkey=zero").Parse(call)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	if err := set.Execute(&out, data); err != nil {
		return "", err
	}
	return strings.TrimRight(out.String(), " \r\n"), nil
}
