package broker

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/job"
)

// clusterName is that of every cluster of brokers.
const clusterName = "ito"

// start starts a broker and waits until it listens.
func start(c job.ClusterConfig) (*server.Server, error) {
	host, port, err := address("listen", c.Listen)
	if err != nil {
		return nil, err
	}
	token, err := job.Token(c.TokenFile)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return nil, &ito.InputError{Where: "`dir` " + c.Dir, What: err.Error(), Do: "give a directory"}
	}
	o := &server.Options{ServerName: c.Name, Host: host, Port: port, Authorization: token, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: c.Dir, SyncAlways: true, // a task is on the disk before it is acknowledged
		JetStreamMaxMemory: 1 << 26, JetStreamMaxStore: 1 << 34}
	if c.ClusterListen != "" {
		if c.Name == "" {
			return nil, &ito.InputError{Where: "`name`", What: "the brokers of a cluster have names",
				Do: "give another to each"}
		}
		o.Cluster.Name = clusterName
		if o.Cluster.Host, o.Cluster.Port, err = address("cluster-listen", c.ClusterListen); err != nil {
			return nil, err
		}
		for _, r := range c.Routes {
			u, err := url.Parse(r)
			if err != nil || u.Host == "" {
				return nil, &ito.InputError{Where: "`routes`", What: fmt.Sprintf("%q is no address", r),
					Do: "write it as nats://HOST:6222"}
			}
			if token != "" {
				u.User = url.UserPassword("ito", token)
			}
			o.Routes = append(o.Routes, u)
		}
		if token != "" {
			o.Cluster.Username, o.Cluster.Password = "ito", token
		}
	} else if len(c.Routes) > 0 {
		return nil, &ito.InputError{Where: "`routes`", What: "and no `cluster-listen`", Do: "give where the others " +
			"reach this one"}
	}
	if free, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(max(port, 0)))); err != nil {
		return nil, &ito.InputError{Where: "`listen` " + c.Listen, What: strings.TrimPrefix(err.Error(), "listen tcp "),
			Do: "end what listens there, or give another port"}
	} else if err := free.Close(); err != nil {
		return nil, err
	}
	s, err := server.NewServer(o)
	if err != nil {
		return nil, &ito.InputError{Where: "broker", What: err.Error(), Do: "see the settings"}
	}
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		s.Shutdown()
		return nil, fmt.Errorf("the broker at %s does not begin to listen", c.Listen)
	}
	return s, nil
}

// address takes HOST:PORT apart; port 0 is any that is free.
func address(setting, text string) (string, int, error) {
	host, p, err := net.SplitHostPort(text)
	port, e := strconv.Atoi(p)
	if err != nil || e != nil || port < 0 || port > 65535 {
		return "", 0, &ito.InputError{Where: "`" + setting + "` " + text, What: "it is no address",
			Do: "write HOST:PORT, as 127.0.0.1:4222"}
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}

// Serve implements job.Broker.
func (jetStream) Serve(ctx context.Context, c job.ClusterConfig, note func(string)) error {
	s, err := start(c)
	if err != nil {
		return err
	}
	note("broker at " + s.ClientURL())
	if host, _, _ := net.SplitHostPort(c.Listen); c.TokenFile == "" && !net.ParseIP(host).IsLoopback() {
		note("everybody who reaches this address may take and give shards; give `token-file`")
	}
	<-ctx.Done()
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}
