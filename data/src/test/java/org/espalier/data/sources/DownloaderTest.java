package org.espalier.data.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.espalier.data.DataException;
import org.espalier.data.DataProgress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloaderTest {
    @TempDir
    Path folder;

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** A server that sends bytes for ever, {@code pause} milliseconds apart; 0 for as fast as it can. */
    private void endless(int pause) {
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                byte[] some = new byte[pause == 0 ? 1 << 16 : 1];
                while (true) {
                    out.write(some);
                    out.flush();
                    Thread.sleep(pause);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void fetch(String mirror, long size, Duration patience) throws IOException {
        new Downloader(DataProgress.silent(), patience)
                .fetch(List.of(mirror), new RemoteFile("file", "00", size, false), folder);
    }

    private String address() {
        return "http://localhost:" + server.getAddress().getPort() + "/";
    }

    @Test
    void fetch_moreThanTheFileHas_endsThere() {
        endless(0);
        assertThatThrownBy(() -> fetch(address(), 1 << 20, Duration.ofSeconds(20)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected at most 1048576 bytes, found more");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void fetch_serverThatDripsForEver_endsInTime() {
        endless(50);
        assertThatThrownBy(() -> fetch(address(), 1 << 10, Duration.ofMillis(500)))
                .isInstanceOf(IOException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void fetch_plainHttpFromElsewhere_isRefused() {
        assertThatThrownBy(() -> fetch("http://example.invalid/", 10, Duration.ofMillis(500)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("must be an https address");
    }

    @Test
    void mirrors_ofAllDataSets_areHttps() {
        List<String> all = Stream.of(
                        IdxSource.MNIST.mirrors(), IdxSource.FASHION_MNIST.mirrors(), CifarSource.CIFAR10.mirrors())
                .flatMap(List::stream)
                .toList();
        assertThat(all).hasSize(4).allMatch(m -> m.startsWith("https://"));
    }

    @Test
    void proxy_fromTheEnvironment_isTaken() {
        assertThat(Downloader.proxy(Map.of("HTTPS_PROXY", "http://localhost:3128")))
                .isEqualTo(new InetSocketAddress("localhost", 3128));
        assertThat(Downloader.proxy(Map.of("https_proxy", "localhost:8080/")))
                .isEqualTo(new InetSocketAddress("localhost", 8080));
        assertThat(Downloader.proxy(Map.of("HTTPS_PROXY", " "))).isNull();
        assertThat(Downloader.proxy(Map.of())).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5://localhost:1", "http://user:secret@localhost:1", "http://", "a b"})
    void proxy_anotherKind_isRefusedWithoutRepeatingIt(String address) {
        assertThatThrownBy(() -> Downloader.proxy(Map.of("HTTPS_PROXY", address)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected http://HOST:PORT")
                .hasMessageNotContaining("secret");
    }
}
