// Plain gets one deal with net/http and encoding/json alone.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

type deal struct {
	ID       string    `json:"id"`
	Status   string    `json:"status"`
	Customer customer  `json:"customer"`
	Created  time.Time `json:"created_at"`
}

type customer struct {
	Name   string `json:"name"`
	Domain string `json:"domain"`
}

func main() {
	req, err := http.NewRequest(http.MethodGet, os.Args[1]+"/v1/deals/"+os.Args[3], nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	req.Header.Set("Authorization", "Bearer "+os.Args[2])
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer resp.Body.Close()
	var d deal
	err = json.NewDecoder(resp.Body).Decode(&d)
	fmt.Println(d, err)
}
