package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/seed9a7962a8/ito"
)

// listen takes the address.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err == nil {
		return l, nil
	}
	where := "`addr` " + addr
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &ito.InputError{Where: where, What: "another program listens there",
			Do: "end it, or give another port; port 0 is any that is free"}
	case errors.Is(err, syscall.EACCES):
		return nil, &ito.InputError{Where: where, What: "listening there is not permitted",
			Do: "give a port above 1023"}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, &ito.InputError{Where: where, What: "this machine does not have that address",
			Do: "give one of its own, as 127.0.0.1:8080"}
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return nil, &ito.InputError{Where: where, What: err.Error(), Do: "give HOST:PORT, as 127.0.0.1:8080"}
}

func loopback(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}

// tls is the configuration of HTTPS, nil where it is HTTP.
func (s *Server) tls() (*tls.Config, error) {
	c := s.c
	if c.TLSCert == "" && c.TLSKey == "" {
		return nil, nil
	}
	if c.TLSCert == "" || c.TLSKey == "" {
		return nil, &ito.InputError{Where: "`tls-cert` and `tls-key`", What: "one of the two alone",
			Do: "give the certificate and its private key"}
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, &ito.InputError{Where: "`tls-cert` " + c.TLSCert, What: err.Error(),
			Do: "give a certificate and its private key, in PEM"}
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"}}, nil
}

// readToken is the first line of a file; nil without one. A short token is an *ito.InputError.
func readToken(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	line, err := tokenIn("token-file", file)
	if err == nil && len(line) < 16 {
		err = &ito.InputError{Where: "`token-file` " + file,
			What: fmt.Sprintf("a token of %d characters can be guessed", len(line)),
			Do:   "write 16 or more on its first line, as from: openssl rand -hex 32"}
	}
	return line, err
}

// tokenIn is the first line of the file of a setting.
func tokenIn(setting, file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, &ito.InputError{Where: "`" + setting + "` " + file, What: pathless(err),
			Do: "give a file with the token"}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return []byte(firstLine(string(b))), nil
}
