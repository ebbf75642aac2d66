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

class OperatorsTest {
    private static Set<String> documented(String start) throws IOException {
        Matcher list = Pattern.compile("^" + start + ": ([^.]*)\\.", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("..", "docs", "onnx.md")));
        assertThat(list.find()).as(start).isTrue();
        return new TreeSet<>(Set.of(list.group(1).split(",\\s+")));
    }

    @Test
    void names_areThoseThatTheDocumentationLists() throws IOException {
        Set<String> trained = documented("Followed and trained");
        assertThat(trained).isEqualTo(Operators.names());
        Set<String> followed = documented("Followed and trained");
        followed.addAll(documented("Followed, not trained"));
        assertThat(followed).isEqualTo(org.espalier.ops.Operators.names());
    }
}
