// Package template is notification-manager's model of alerts and its functions, written anew.
//
// It has the product's names, for Go prints them, and its behaviour: what it gives was compared to
// what the product's own package (2.6, github.com/kubesphere/notification-manager/pkg/template)
// gives for every case. The product itself is not linked.
package template

import (
	"slices"
	"sort"
	"time"
)

// Data is what a template is executed with.
type Data struct {
	Alerts            Alerts `json:"alerts"`
	GroupLabels       KV     `json:"groupLabels"`
	CommonLabels      KV     `json:"commonLabels"`
	CommonAnnotations KV     `json:"commonAnnotations"`
}

// Format counts anew what the alerts share, without what has no value.
func (d *Data) Format() *Data {
	if len(d.Alerts) > 0 {
		d.CommonLabels = shared(d.Alerts, func(a *Alert) KV { return a.Labels })
		d.CommonAnnotations = shared(d.Alerts, func(a *Alert) KV { return a.Annotations })
	}
	return d
}

func shared(alerts Alerts, of func(*Alert) KV) KV {
	out := KV{}
	for name, value := range of(alerts[0]) {
		differs := func(a *Alert) bool { return of(a)[name] != value }
		if value != "" && !slices.ContainsFunc(alerts[1:], differs) {
			out[name] = value
		}
	}
	return out
}

// Status is that of all alerts, if they have one.
func (d *Data) Status() string {
	switch len(d.Alerts) {
	case len(d.Alerts.Firing()):
		return "firing"
	case len(d.Alerts.Resolved()):
		return "resolved"
	}
	return ""
}

// Clone copies all but what cannot change.
func (d *Data) Clone() *Data {
	out := Data{
		GroupLabels:       d.GroupLabels.Clone(),
		CommonLabels:      d.CommonLabels.Clone(),
		CommonAnnotations: d.CommonAnnotations.Clone(),
	}
	for _, alert := range d.Alerts {
		out.Alerts = append(out.Alerts, alert.Clone())
	}
	return &out
}

// Alert is one alert.
type Alert struct {
	ID               string                            `json:"id"`
	Status           string                            `json:"status"`
	Labels           KV                                `json:"labels"`
	Annotations      KV                                `json:"annotations"`
	StartsAt         time.Time                         `json:"startsAt"`
	EndsAt           time.Time                         `json:"endsAt"`
	NotifySuccessful bool                              `json:"-"`
	NotificationTime time.Time                         `json:"notificationTime"`
	Receiver         map[string]map[string]interface{} `json:"receiver"`
}

// Message is what the alert says.
func (a *Alert) Message() string { return a.first("message", "summary", "summaryCn") }

// MessageCN is what the alert says in Chinese, if it can.
func (a *Alert) MessageCN() string { return a.first("summaryCn", "message", "summary") }

func (a *Alert) first(names ...string) string {
	for _, name := range names {
		if text := a.Annotations[name]; text != "" {
			return text
		}
	}
	return ""
}

// Clone copies the alert, its labels and its annotations.
func (a *Alert) Clone() *Alert {
	out := *a
	out.NotifySuccessful = false
	out.Labels, out.Annotations = a.Labels.Clone(), a.Annotations.Clone()
	return &out
}

// Alerts are alerts in their order.
type Alerts []*Alert

// Firing are those that fire.
func (as Alerts) Firing() []*Alert { return as.of("firing") }

// Resolved are those that have ended.
func (as Alerts) Resolved() []*Alert { return as.of("resolved") }

func (as Alerts) of(status string) []*Alert {
	var out []*Alert
	for _, alert := range as {
		if alert.Status == status {
			out = append(out, alert)
		}
	}
	return out
}

// Pair is a label or an annotation.
type Pair struct {
	Name, Value string
}

// Pairs are labels or annotations in their order.
type Pairs []Pair

// DefaultFilter is without those that say nothing more.
func (ps Pairs) DefaultFilter() Pairs {
	return ps.Filter("rule_id", "runbook_url", "message", "summary", "summary_cn")
}

// Filter is without the given names. As the product's, it moves the pairs of ps itself.
func (ps Pairs) Filter(keys ...string) Pairs {
	kept := 0
	for _, pair := range ps {
		if !slices.Contains(keys, pair.Name) {
			ps[kept] = pair
			kept++
		}
	}
	return ps[:kept]
}

// Names are the names.
func (ps Pairs) Names() []string {
	out := make([]string, 0, len(ps))
	for _, pair := range ps {
		out = append(out, pair.Name)
	}
	return out
}

// Values are the values.
func (ps Pairs) Values() []string {
	out := make([]string, 0, len(ps))
	for _, pair := range ps {
		out = append(out, pair.Value)
	}
	return out
}

// KV are labels or annotations.
type KV map[string]string

// SortedPairs are sorted by name behind the alert's own; the rule's id is not shown.
func (kv KV) SortedPairs() Pairs {
	out := make(Pairs, 0, len(kv))
	for name, value := range kv {
		if name != "rule_id" {
			out = append(out, Pair{name, value})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Name == "alertname" || out[j].Name == "alertname" {
			return out[i].Name == "alertname"
		}
		return out[i].Name < out[j].Name
	})
	return out
}

// Remove is without the given names.
func (kv KV) Remove(keys []string) KV {
	out := kv.Clone()
	for _, key := range keys {
		delete(out, key)
	}
	return out
}

// Names are those of the sorted pairs.
func (kv KV) Names() []string { return kv.SortedPairs().Names() }

// Values are those of the sorted pairs.
func (kv KV) Values() []string { return kv.SortedPairs().Values() }

// Clone is a copy.
func (kv KV) Clone() KV {
	out := KV{}
	for name, value := range kv {
		out[name] = value
	}
	return out
}
