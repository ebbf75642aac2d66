package org.espalier.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksummedFileTest {
    private static final ChecksummedFile FORMAT = new ChecksummedFile("EXAMPLE1");

    @TempDir
    private Path folder;

    private static byte[] bytes() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FORMAT.write(out, content -> {
            content.writeInt(7);
            content.writeUTF("text");
        });
        return out.toByteArray();
    }

    private String read(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("file"), bytes);
        return FORMAT.read(file, in -> in.readInt() + in.readUTF());
    }

    @Test
    void content_comesBack() throws IOException {
        assertThat(read(bytes())).isEqualTo("7text");
        assertThat(bytes()).startsWith("EXAMPLE1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    @Test
    void everyChangedBit_andEveryLength_isNoticed() throws IOException {
        byte[] good = bytes();
        for (int i = 0; i < 8 * good.length; i++) {
            byte[] bad = good.clone();
            bad[i / 8] ^= (byte) (1 << i % 8);
            boolean version = i / 8 == 7;
            assertThatThrownBy(() -> read(bad))
                    .as("bit %d", i)
                    .isInstanceOf(
                            version ? ChecksummedFile.VersionException.class : ChecksummedFile.DamagedException.class);
        }
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(ChecksummedFile.DamagedException.class);
        }
        assertThatThrownBy(() -> read(Arrays.copyOf(good, good.length + 1)))
                .isInstanceOf(ChecksummedFile.DamagedException.class);
    }

    @Test
    void otherVersion_isNamed() throws IOException {
        byte[] later = bytes();
        later[7] = '2';
        assertThatThrownBy(() -> read(later)).hasMessage("must have this version's format, expected 1, found 2");
    }
}
