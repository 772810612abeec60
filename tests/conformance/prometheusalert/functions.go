package main

import (
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// now is what GetCSTtime gives of no text: the product asks the clock.
var now = time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC)

// functions are those of PrometheusAlert 5.0 (controllers/prometheusalert.go and public.go of
// github.com/feiyu563/PrometheusAlert), written anew: its module has no path that can be imported.
// What they give was compared to what the product's own give for every case.
var functions = template.FuncMap{
	"GetCSTtime":      getCSTtime,
	"GetTime":         getTime,
	"GetTimeDuration": getTimeDuration,
	"TimeFormat":      timeFormat,
	"SplitString":     splitString,
	"toUpper":         strings.ToUpper,
	"toLower":         strings.ToLower,
	"title":           strings.Title, //nolint:staticcheck // It is what the product has.
	"join":            func(sep string, s []string) string { return strings.Join(s, sep) },
	"match":           regexp.MatchString,
	"safeHtml":        func(text string) htmltemplate.HTML { return htmltemplate.HTML(text) },
	"reReplaceAll": func(pattern, repl, text string) string {
		return regexp.MustCompile(pattern).ReplaceAllString(text, repl)
	},
	"stringSlice": func(s ...string) []string { return s },
}

func getCSTtime(date string) string {
	at := now
	if date != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, date); err != nil {
			if at, err = time.Parse(time.DateTime, date); err != nil {
				return ""
			}
		}
	}
	return at.In(time.FixedZone("CST", 8*60*60)).Format(time.DateTime)
}

func getTime(timeStr interface{}, timeFormat ...string) string {
	layout := "2006-01-02T15:04:05"
	if len(timeFormat) > 0 {
		layout = timeFormat[0]
	}
	switch at := timeStr.(type) {
	case string:
		// An error leaves 0, or the last number that fits.
		number, _ := strconv.ParseInt(at, 10, 64)
		if len(at) == 13 {
			number /= 1000
		}
		return time.Unix(number, 0).Format(layout)
	case float64:
		return time.Unix(int64(at), 0).Format(layout)
	}
	return ""
}

func getTimeDuration(startTime string, endTime string) string {
	if startTime == "" || endTime == "" {
		return "N/A"
	}
	read := func(text string) (time.Time, error) {
		return time.Parse(time.DateTime, text[0:10]+" "+text[11:19])
	}
	start, err := read(startTime)
	if err != nil {
		return "N/A"
	}
	end, err := read(endTime)
	if err != nil {
		return "N/A"
	}
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	switch t := int64(end.Sub(start).Seconds()); {
	case t >= day:
		return fmt.Sprintf("%dd%dh", t/day, t%day/hour)
	case t/hour > 0:
		return fmt.Sprintf("%dh%dm", t/hour, t%hour/minute)
	case t%hour/minute != 0:
		return fmt.Sprintf("%dm%ds", t%hour/minute, t%minute)
	default:
		return fmt.Sprintf("%ds", t%minute)
	}
}

func timeFormat(timestr, format string) string {
	at, err := time.Parse("2006-01-02T15:04:05.999999999Z", timestr)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05.999999999+08:00", timestr)
	}
	if err != nil {
		return err.Error()
	}
	return at.Format(format)
}

func splitString(pstring string, start int, stop int) string {
	if stop < 0 {
		stop += len(pstring)
	}
	return pstring[start:stop]
}
