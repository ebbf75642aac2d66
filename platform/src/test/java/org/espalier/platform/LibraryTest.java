package org.espalier.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryTest {
    private static final int SIZE = 300_000;

    @TempDir
    private Path folder;

    private Path cache;
    private Path jar;
    private byte[] content;

    @BeforeEach
    void writeJar() throws IOException {
        cache = folder.resolve("cache");
        jar = folder.resolve("some-1.0.jar");
        content = new byte[SIZE];
        new SplittableRandom(1).nextBytes(content);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            JarEntry entry = new JarEntry("org/some/libsome.so");
            entry.setTime(1_700_000_000_000L);
            out.putNextEntry(entry);
            out.write(content);
        }
    }

    private Library library(String fragment) throws IOException {
        URL url = new URL("jar:" + jar.toUri() + "!/org/some/libsome.so" + fragment);
        return Objects.requireNonNull(Library.of(url, cache));
    }

    @Test
    void of_aResource_liesBelowItsJarsName() throws IOException {
        assertThat(library("").target()).isEqualTo(cache.resolve("some-1.0.jar/org/some/libsome.so"));
        assertThat(library("#libother.so.1").target()).isEqualTo(cache.resolve("some-1.0.jar/org/some/libother.so.1"));
        assertThat(Library.of(jar.toUri().toURL(), cache)).isNull();
    }

    @Test
    void unpack_givesTheJarsBytesAndTime_andNothingElse() throws IOException {
        Library library = library("#libother.so");
        assertThat(library.isThere()).isFalse();
        library.unpack();
        assertThat(library.isRight()).isTrue();
        assertThat(library.target()).hasBinaryContent(content);
        assertThat(Files.getLastModifiedTime(library.target()).toMillis()).isEqualTo(1_700_000_000_000L);
        try (Stream<Path> files = Files.list(library.target().getParent())) {
            assertThat(files).containsExactly(library.target());
        }
    }

    @Test
    void isThere_ofACutOrChangedFile_isFalse_andUnpackMendsIt() throws IOException {
        Library library = library("");
        library.unpack();
        try (FileChannel file = FileChannel.open(library.target(), StandardOpenOption.WRITE)) {
            file.truncate(SIZE / 2);
        }
        assertThat(library.isThere()).isFalse();
        library.unpack();
        byte[] wrong = content.clone();
        wrong[SIZE / 3] ^= 1;
        Files.write(library.target(), wrong);
        assertThat(library.isThere()).as("its time tells").isFalse();
        Files.setLastModifiedTime(library.target(), java.nio.file.attribute.FileTime.fromMillis(library.time()));
        assertThat(library.isThere()).isTrue();
        assertThat(library.isRight()).isFalse();
        library.unpack();
        assertThat(library.isRight()).isTrue();
    }

    @Test
    void unpack_leavesAnOpenFileAsItIs() throws IOException {
        Library library = library("");
        Files.createDirectories(library.target().getParent());
        Files.writeString(library.target(), "old");
        try (InputStream open = Files.newInputStream(library.target())) {
            library.unpack();
            assertThat(new String(open.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("old");
        }
        assertThat(library.target()).hasBinaryContent(content);
    }

    @Test
    void unpack_aLinkInItsPlace_isReplacedAndItsTargetStays() throws IOException {
        Library library = library("");
        Path victim = Files.write(folder.resolve("victim"), content);
        Files.createDirectories(library.target().getParent());
        Files.createSymbolicLink(library.target(), victim);
        assertThat(library.isThere()).isFalse();
        library.unpack();
        assertThat(Files.isSymbolicLink(library.target())).isFalse();
        assertThat(victim).hasBinaryContent(content);
    }

    @Test
    void deleteLeftovers_removesWhatAKilledProcessLeft_alone() throws IOException {
        Library library = library("");
        library.unpack();
        Path left = library.target().resolveSibling(".libsome.so.0123abcd.tmp");
        Path own = library.target().resolveSibling(".tmp");
        Files.write(left, Arrays.copyOf(content, 10));
        Files.writeString(own, "");
        library.deleteLeftovers();
        assertThat(left).doesNotExist();
        assertThat(own).exists();
        assertThat(library.isThere()).isTrue();
    }

    @Test
    void unpack_ofWhatIsNotAsItSays_failsAndLeavesNothing() throws IOException {
        Library right = library("");
        Library wrong = new Library(right.source(), right.target(), right.size(), right.crc() ^ 1, right.time());
        assertThatThrownBy(wrong::unpack).isInstanceOf(IOException.class).hasMessageContaining("libsome.so is damaged");
        try (Stream<Path> files = Files.list(right.target().getParent())) {
            assertThat(files).isEmpty();
        }
    }
}
