package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** That the pages which are made from the code are current. {@code -Ddocs.write=true} writes them anew. */
class GeneratedPagesTest {
    static Stream<Arguments> pages() {
        return Stream.of(
                Arguments.of(OperatorsPage.FILE, (Supplier<String>) OperatorsPage::text),
                Arguments.of(RecipePage.FILE, (Supplier<String>) RecipePage::text));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void page_isWhatTheCodeSays(String file, Supplier<String> page) throws Exception {
        String text = page.get();
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(Documents.root().resolve(file), text);
        }
        assertThat(Documents.read(file))
                .as(file + " is out of date; CONTRIBUTING.md says how it is written anew")
                .isEqualTo(text);
    }
}
