// A Vault for tests: the core and the HTTP API of Vault itself with what secrets are read by (the
// key-value engine in both versions; tokens, Kubernetes, AppRole and names with passwords), in
// memory, unsealed. Left out of the whole program are the engines of databases and clouds, nine
// tenths of what Go would have to build.
//
// Usage: vault-server ADDRESS FILE: listens at ADDRESS; FILE gets the root token.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	kubernetes "github.com/hashicorp/vault-plugin-auth-kubernetes"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/builtin/credential/userpass"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

var secretEngines = map[string]logical.Factory{"kv": kv.Factory}

var authMethods = map[string]logical.Factory{
	"approle":    approle.Factory,
	"kubernetes": kubernetes.Factory,
	"userpass":   userpass.Factory,
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: vault-server ADDRESS FILE")
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if err := serve(stop, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func serve(stop context.Context, address, tokenFile string) error {
	core, err := openCore("http://" + address)
	if err != nil {
		return err
	}
	rootToken, err := unseal(stop, core)
	if err != nil {
		return err
	}
	if err := os.WriteFile(tokenFile, []byte(rootToken), 0o600); err != nil {
		return err
	}
	properties := &vault.HandlerProperties{
		Core:           core,
		ListenerConfig: &configutil.Listener{MaxRequestSize: vaulthttp.DefaultMaxRequestSize},
	}
	server := &http.Server{
		Addr:              address,
		Handler:           vaulthttp.Handler.Handler(properties),
		ReadHeaderTimeout: 10 * time.Second,
	}
	go func() {
		<-stop.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return core.Shutdown()
}

func openCore(url string) (*vault.Core, error) {
	logger := hclog.New(&hclog.LoggerOptions{Level: hclog.Info, Output: os.Stderr})
	storage, err := inmem.NewInmem(nil, logger)
	if err != nil {
		return nil, err
	}
	return vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		LogicalBackends:    secretEngines,
		CredentialBackends: authMethods,
		BuiltinRegistry:    builtins{},
		DisableMlock:       true,
		Logger:             logger,
		RedirectAddr:       url,
	})
}

func unseal(ctx context.Context, core *vault.Core) (string, error) {
	result, err := core.Initialize(ctx, &vault.InitParams{
		BarrierConfig:  &vault.SealConfig{SecretShares: 1, SecretThreshold: 1, StoredShares: 1},
		RecoveryConfig: &vault.SealConfig{},
	})
	if err != nil {
		return "", err
	}
	for _, key := range result.SecretShares {
		if _, err := core.Unseal(vault.TestKeyCopy(key)); err != nil {
			return "", err
		}
	}
	return result.RootToken, nil
}

// builtins tells the core's catalog which of its plugins are compiled in.
type builtins struct{}

func of(kind consts.PluginType) map[string]logical.Factory {
	switch kind {
	case consts.PluginTypeSecrets:
		return secretEngines
	case consts.PluginTypeCredential:
		return authMethods
	default:
		return nil
	}
}

func (builtins) Contains(name string, kind consts.PluginType) bool {
	_, isThere := of(kind)[name]
	return isThere
}

func (builtins) Get(name string, kind consts.PluginType) (func() (interface{}, error), bool) {
	factory, isThere := of(kind)[name]
	return func() (interface{}, error) { return factory, nil }, isThere
}

func (builtins) Keys(kind consts.PluginType) []string {
	names := []string{}
	for name := range of(kind) {
		names = append(names, name)
	}
	return names
}

func (builtins) DeprecationStatus(name string, kind consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, builtins{}.Contains(name, kind)
}

func (builtins) IsBuiltinEntPlugin(string, consts.PluginType) bool {
	return false
}
