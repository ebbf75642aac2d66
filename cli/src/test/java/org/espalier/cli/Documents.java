package org.espalier.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's documents, as they stand in the checkout that the tests run in. */
final class Documents {
    private static final Pattern INLINE_CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern TO_FILL_IN = Pattern.compile(".*\\b(COMMAND|RUN|NETWORK|MODEL)\\b.*");

    /** A fenced block: what stands behind the opening fence, and the lines. */
    record Block(String language, String text) {}

    private Documents() {}

    /** The folder of the checkout. */
    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("README.md")) || !Files.exists(here.resolve("espalier"))) {
            Path up = here.getParent();
            if (up == null) {
                throw new AssertionError("the tests must run inside the checkout: no README.md above "
                        + Path.of("").toAbsolutePath());
            }
            here = up;
        }
        return here;
    }

    /** All documents: those at the root and those under docs. */
    static List<Path> all() {
        try (Stream<Path> top = Files.list(root());
                Stream<Path> below = Files.walk(root().resolve("docs"))) {
            return Stream.concat(top, below)
                    .filter(p -> p.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The README and the guide: what newcomers type. */
    static List<Path> forNewcomers() {
        return all().stream()
                .filter(p -> p.startsWith(root().resolve("docs/guide")) || p.equals(root().resolve("README.md")))
                .toList();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(String name) {
        return read(root().resolve(name));
    }

    /** The fenced blocks of a text, in their order. */
    static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        StringBuilder block = null;
        String language = "";
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("```")) {
                if (block == null) {
                    block = new StringBuilder();
                    language = line.substring(3).strip();
                } else {
                    blocks.add(new Block(language, block.toString()));
                    block = null;
                }
            } else if (block != null) {
                block.append(line).append('\n');
            }
        }
        return blocks;
    }

    /** A text without its fenced blocks. */
    static List<String> prose(String text) {
        List<String> lines = new ArrayList<>();
        boolean fenced = false;
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("```")) {
                fenced = !fenced;
            } else if (!fenced) {
                lines.add(line);
            }
        }
        return lines;
    }

    /** Command lines of the program, in fenced blocks and as code within sentences and tables, without the program's name. */
    static List<String> commands(String text) {
        List<String> commands = new ArrayList<>();
        for (Block block : blocks(text)) {
            if (block.language().isEmpty()) {
                String joined = block.text().replaceAll("\\\\\\n\\s*", "");
                joined.lines().map(Documents::command).forEach(commands::addAll);
            }
        }
        for (String line : prose(text)) {
            Matcher code = INLINE_CODE.matcher(line);
            while (code.find()) {
                // A command's name within a sentence is no command line.
                command(code.group(1)).stream().filter(c -> c.contains(" ")).forEach(commands::add);
            }
        }
        return commands;
    }

    /** The command line of a line, without the program's name; none where it is something else or has a word to fill in. */
    private static List<String> command(String line) {
        String typed = line.startsWith("./") ? line.substring(2) : line;
        int comment = typed.indexOf("  #");
        String command = (comment < 0 ? typed : typed.substring(0, comment)).strip();
        boolean whole =
                command.startsWith("espalier ") && !TO_FILL_IN.matcher(command).matches();
        return whole ? List.of(command.substring("espalier ".length())) : List.of();
    }

    /** A command line's words; quotes hold a word together. */
    static String[] words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = Pattern.compile("'([^']*)'|(\\S+)").matcher(command);
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2));
        }
        return words.toArray(String[]::new);
    }
}
