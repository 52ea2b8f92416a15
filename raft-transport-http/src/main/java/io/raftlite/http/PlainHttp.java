package io.raftlite.http;

import java.net.Proxy;
import java.util.List;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/** What the clients by which nodes speak to each other have in common. */
public final class PlainHttp {
    private PlainHttp() {}

    /**
     * Begins a client for {@code http://} addresses: HTTP/1.1, straight to the node, each request once, answers as they are.
     *
     * <p>A client that may speak TLS reads the certificates that its machine trusts, and lists all ciphers, when it is made:
     * more than a tenth of a second at the start of a node.
     */
    public static OkHttpClient.Builder client() {
        return new OkHttpClient.Builder()
                .protocols(List.of(Protocol.HTTP_1_1))
                .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT))
                .proxy(Proxy.NO_PROXY)
                .socketFactory(new NoDelaySocketFactory())
                .retryOnConnectionFailure(false)
                .followRedirects(false);
    }
}
