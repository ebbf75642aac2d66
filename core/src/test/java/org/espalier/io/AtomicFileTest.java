package org.espalier.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path folder;

    private static void write(Path target, String text) throws IOException {
        try (AtomicFile file = new AtomicFile(target)) {
            file.write(channel -> channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
            file.commit();
        }
    }

    @Test
    void commit_overALink_replacesTheLinkAndNotWhatItLeadsTo() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "mine");
        Path link = Files.createSymbolicLink(folder.resolve("link"), victim);
        Path second = Files.createLink(folder.resolve("second name"), victim);
        write(link, "new");
        write(second, "new");
        assertThat(victim).hasContent("mine");
        assertThat(Files.isSymbolicLink(link)).isFalse();
        assertThat(link).hasContent("new");
        assertThat(second).hasContent("new");
    }

    @Test
    void guard_seesTheCompleteFile_andPreventsTheMove() throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "old");
        AtomicFile.Guard guard = (place, written) -> {
            assertThat(place).isEqualTo(target.toAbsolutePath());
            assertThat(written).hasContent("new");
            throw new IOException("not allowed");
        };
        assertThatThrownBy(() -> {
                    try (AtomicFile file = new AtomicFile(target)) {
                        file.write(channel -> channel.write(ByteBuffer.wrap(new byte[] {'n', 'e', 'w'})));
                        file.check(guard);
                        file.commit();
                    }
                })
                .hasMessage("not allowed");
        assertThat(target).hasContent("old");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        }
    }

    @Test
    void deleteLeftovers_takesOurTemporaryFilesOfTheNamesGivenOnly() throws IOException {
        Path ours = Files.writeString(folder.resolve(".a.onnx.0123abcd.espalier.tmp"), "half");
        Path elsewhere = Files.writeString(folder.resolve("elsewhere"), "mine");
        Files.createSymbolicLink(folder.resolve(".a.onnx.00000000.espalier.tmp"), elsewhere);
        for (String name : List.of(
                ".a.onnx.0123abcd.tmp",
                ".b.onnx.0123abcd.espalier.tmp",
                "a.onnx.0123abcd.espalier.tmp",
                ".a.onnx.0123abcx.espalier.tmp",
                ".notes.tmp")) {
            Files.writeString(folder.resolve(name), "mine");
        }
        AtomicFile.deleteLeftovers(folder, "a.onnx"::equals);
        assertThat(ours).doesNotExist();
        assertThat(elsewhere).hasContent("mine");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(7);
        }
    }
}
