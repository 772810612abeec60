// Command alertmanager writes what Alertmanager's own template package makes of payloads and
// templates.
//
//	go run . > cases.json
//	go run . classes
//
// The second form writes the classes of characters that its function title works with.
package main

import (
	"log"
	"os"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "classes" {
		if err := writeClasses(os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := writeCases(os.Stdout); err != nil {
		log.Fatal(err)
	}
}
