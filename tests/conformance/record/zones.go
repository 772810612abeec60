package record

import (
	"archive/zip"
	"go/build"
	"io"
	"path/filepath"
	"slices"
	"time"
)

// zones are tried as time.Local besides UTC: one has the offset of many payloads all year, the other
// that of a payload in winter only.
var zones = []string{"Asia/Shanghai", "America/St_Johns"}

// placed are the payloads whose times are not all in UTC.
var placed = []string{"zone-china", "zone-odd", "zone-west"}

// InZones lets run record a payload under a name that has the zone after " in ", once for each zone,
// with that as time.Local. It is nothing for a payload whose times are in UTC.
func InZones(payload Payload, run func(payload Payload) error) error {
	if !slices.Contains(placed, payload.Name) {
		return nil
	}
	defer func(local *time.Location) { time.Local = local }(time.Local)
	for _, zone := range zones {
		rules, err := rulesOf(zone)
		if err != nil {
			return err
		}
		// So a process calls the zone of its machine, whatever its name is.
		if time.Local, err = time.LoadLocationFromTZData("Local", rules); err != nil {
			return err
		}
		if err := run(Payload{Name: payload.Name + " in " + zone, Body: payload.Body}); err != nil {
			return err
		}
	}
	return nil
}

func rulesOf(zone string) ([]byte, error) {
	all, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return nil, err
	}
	defer all.Close()
	file, err := all.Open(zone)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}
