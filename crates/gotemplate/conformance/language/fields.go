package main

import "reflect"

// structFields are the names of the fields of a struct.
func structFields(of any) []string {
	var names []string
	for i := range reflect.TypeOf(of).NumField() {
		names = append(names, reflect.TypeOf(of).Field(i).Name)
	}
	return names
}
