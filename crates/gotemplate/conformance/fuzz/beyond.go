package main

// beyond says why two answers may differ; nothing when they may not.
func beyond(gos, ours Answer) string {
	return ""
}
