package org.espalier.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachesTest {
    @TempDir
    private Path folder;

    private Path home;
    private Path temporary;

    @BeforeEach
    void make() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        temporary = Files.createDirectory(folder.resolve("temporary"));
    }

    private Path root(Map<String, String> environment) {
        return Caches.root(environment, home.toString(), temporary);
    }

    @Test
    void root_isTheFirstThatIsNamed() {
        Path chosen = folder.resolve("chosen");
        Path shared = folder.resolve("shared");
        assertThat(root(Map.of("ESPALIER_CACHE", chosen.toString(), "XDG_CACHE_HOME", shared.toString())))
                .isEqualTo(chosen);
        assertThat(root(Map.of("XDG_CACHE_HOME", shared.toString()))).isEqualTo(shared.resolve("espalier"));
        assertThat(root(Map.of())).isEqualTo(home.resolve(".cache").resolve("espalier"));
        assertThat(folder).isDirectoryNotContaining("glob:**{chosen,shared}");
    }

    @Test
    void root_ofARelativeName_isAbsoluteOrNotTaken() {
        assertThat(root(Map.of("ESPALIER_CACHE", "here")))
                .isEqualTo(Path.of("here").toAbsolutePath());
        assertThat(root(Map.of("XDG_CACHE_HOME", "here"))).isEqualTo(home.resolve(".cache/espalier"));
    }

    @Test
    void root_ofTheEnvironmentsHome_comesBeforeJavas() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        assertThat(root(Map.of("HOME", other.toString()))).isEqualTo(other.resolve(".cache/espalier"));
        assertThat(root(Map.of("HOME", folder.resolve("none").toString()))).isEqualTo(home.resolve(".cache/espalier"));
    }

    @Test
    void root_withoutAUser_isInTheTemporaryFolder() {
        Path root = Caches.root(Map.of(), "?", temporary);
        assertThat(root.getParent()).isEqualTo(temporary);
        assertThat(String.valueOf(root.getFileName())).startsWith("espalier-").isNotEqualTo("espalier-");
    }

    @Test
    void root_whoseFolderIsAFile_isTheNext() throws IOException {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.writeString(shared.resolve("espalier"), "");
        Files.writeString(home.resolve(".cache"), "");
        assertThat(root(Map.of("XDG_CACHE_HOME", shared.toString())).getParent())
                .isEqualTo(temporary);
    }

    @Test
    void root_inTheTemporaryFolder_isNotThroughALink() throws IOException {
        Path root = Caches.root(Map.of(), "?", temporary);
        Files.createSymbolicLink(root, home);
        assertThatThrownBy(() -> Caches.root(Map.of(), "?", temporary))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining(root.toString())
                .hasMessageContaining("ESPALIER_CACHE");
    }

    @Test
    void make_whereAFileIs_saysWhatToDo() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> Caches.make(file.resolve("natives")))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining("'" + file.resolve("natives") + "': cannot be made")
                .hasMessageContaining("ESPALIER_CACHE");
    }
}
