// gokrb5.go: Go's own Kerberos, gokrb5, as client and as service, driven by lines as ends.py says:
//
//	login CONF USER REALM SOURCE   SOURCE: password=..., keytab=FILE or cache=FILE
//	ticket SPN                     enctype of the ticket and of its session key
//	token SPN                      a first token for a service, in base64
//	get URL SPN                    the status and the page
//	serve KEYTAB PAC               its port; PAC "1": the service reads the tickets' PACs
//	log                            what the services have logged since
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/jcmturner/goidentity/v6"
	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/service"
	"github.com/jcmturner/gokrb5/v8/spnego"
)

type journal struct {
	sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.Lock()
	defer j.Unlock()
	return j.text.Write(p)
}

func (j *journal) take() string {
	j.Lock()
	defer j.Unlock()
	text := j.text.String()
	j.text.Reset()
	return text
}

var user *client.Client
var said journal

func login(conf, name, realm, source string) ([]string, error) {
	c, err := config.Load(conf)
	if err != nil {
		return nil, err
	}
	kind, value, _ := strings.Cut(source, "=")
	switch kind {
	case "password":
		user = client.NewWithPassword(name, realm, value, c)
	case "keytab":
		kt, err := keytab.Load(value)
		if err != nil {
			return nil, err
		}
		user = client.NewWithKeytab(name, realm, kt, c)
	default:
		cache, err := credentials.LoadCCache(value)
		if err != nil {
			return nil, err
		}
		user, err = client.NewFromCCache(cache, c)
		return nil, err
	}
	return nil, user.Login()
}

func ticket(spn string) ([]string, error) {
	t, key, err := user.GetServiceTicket(spn)
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprint(t.EncPart.EType), fmt.Sprint(key.KeyType)}, nil
}

func token(spn string) ([]string, error) {
	s := spnego.SPNEGOClient(user, spn)
	if err := s.AcquireCred(); err != nil {
		return nil, err
	}
	t, err := s.InitSecContext()
	if err != nil {
		return nil, err
	}
	bytes, err := t.Marshal()
	return []string{base64.StdEncoding.EncodeToString(bytes)}, err
}

func get(url, spn string) ([]string, error) {
	answer, err := spnego.NewClient(user, &http.Client{}, spn).Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	return []string{fmt.Sprint(answer.StatusCode), strings.ReplaceAll(string(page), "\n", " ")}, err
}

func greet(w http.ResponseWriter, r *http.Request) {
	id := goidentity.FromHTTPRequestContext(r)
	fmt.Fprintf(w, "%s@%s", id.UserName(), id.Domain())
}

func serve(file, pac string) ([]string, error) {
	kt, err := keytab.Load(file)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	handler := spnego.SPNEGOKRB5Authenticate(http.HandlerFunc(greet), kt,
		service.DecodePAC(pac == "1"), service.Logger(log.New(&said, "", 0)))
	go http.Serve(listener, handler)
	return []string{fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)}, nil
}

func call(w []string) ([]string, error) {
	switch w[0] {
	case "login":
		return login(w[1], w[2], w[3], w[4])
	case "ticket":
		return ticket(w[1])
	case "token":
		return token(w[1])
	case "get":
		return get(w[1], w[2])
	case "serve":
		return serve(w[1], w[2])
	case "log":
		return []string{strings.ReplaceAll(said.take(), "\n", "; ")}, nil
	}
	return nil, fmt.Errorf("unknown: %s", w[0])
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words, err := call(strings.Split(lines.Text(), "\t"))
		if err != nil {
			fmt.Println("failed\t" + strings.Join(strings.Fields(err.Error()), " "))
			continue
		}
		fmt.Println(strings.Join(append([]string{"ok"}, words...), "\t"))
	}
}
