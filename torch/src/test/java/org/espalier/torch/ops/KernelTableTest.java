package org.espalier.torch.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class KernelTableTest {
    private static Set<String> documented() throws IOException {
        Matcher list = Pattern.compile("^Followed and trained: ([^.]*)\\.", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("..", "docs", "onnx.md")));
        assertThat(list.find()).as("list").isTrue();
        return new TreeSet<>(Set.of(list.group(1).split(",\\s+")));
    }

    @Test
    void names_areThoseThatTheDocumentationLists() throws IOException {
        Set<String> documented = documented();
        assertThat(documented).isEqualTo(KernelTable.names());
        assertThat(documented).isEqualTo(org.espalier.ops.OperatorTable.names());
    }
}
