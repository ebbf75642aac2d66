package org.espalier.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTextTest {
    private static final long SEED = Long.getLong("tests.seed", 3);

    @ParameterizedTest
    @CsvSource({
        "0x1b, \\x1b",
        "0x07, \\x07",
        "0x0d, \\r",
        "0x0a, \\n",
        "0x09, \\t",
        "0x7f, \\x7f",
        "0x9b, \\x9b",
        "0x202e, \\u202e",
        "0x2066, \\u2066",
        "0x200f, \\u200f",
        "0x2028, \\u2028",
        "0xfeff, \\ufeff",
        "0xe0041, \\ue0041",
        "0xd800, \\ud800"
    })
    void line_characterThatIsObeyed_becomesVisible(String code, String visible) {
        String c = new String(Character.toChars(Integer.decode(code)));
        assertThat(SafeText.line("a" + c + "b")).isEqualTo("a" + visible + "b");
    }

    @ParameterizedTest
    @CsvSource({"conv1.weight", "Größe", "层", "😀", "''"})
    void line_charactersThatAreShown_stay(String text) {
        assertThat(SafeText.line(text)).isEqualTo(text);
    }

    @Test
    void lines_layoutOfTheProgram_stays() {
        assertThat(SafeText.lines("a\n\tb\r\nc\rd\u001b[2J")).isEqualTo("a\n\tb\r\nc\\rd\\x1b[2J");
    }

    @Test
    void line_longerThanAllowed_saysThatThereIsMore() {
        assertThat(SafeText.line("x".repeat(300), 10)).isEqualTo("xxxxxxxxx…");
        assertThat(SafeText.line("😀".repeat(300), 10)).isEqualTo("😀😀😀😀…");
        assertThat(SafeText.line("\u001b".repeat(300), 10)).hasSize(10).endsWith("…");
        assertThat(SafeText.line("x".repeat(10), 10)).isEqualTo("x".repeat(10));
    }

    @Test
    void line_anyCharacters_holdsNoneThatIsObeyedAndIsSafeAlready() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int trial = 0; trial < 5_000; trial++) {
            StringBuilder text = new StringBuilder();
            random.ints(random.nextInt(20), 0, trial % 2 == 0 ? 0x300 : 0x110000)
                    .forEach(text::appendCodePoint);
            String safe = SafeText.line(text.toString());
            assertThat(safe.codePoints()
                            .filter(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT))
                    .as("trial %d of -Dtests.seed=%d", trial, SEED)
                    .isEmpty();
            assertThat(SafeText.line(safe)).isEqualTo(safe);
        }
    }
}
