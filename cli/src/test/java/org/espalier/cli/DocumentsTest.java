package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** That documents are short, whole and about this program. */
class DocumentsTest {
    private static final int WORDS = 800;
    private static final int COLUMNS = 120;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern OPTION = Pattern.compile("`(--[a-z-]+)`");

    private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z][A-Za-z0-9]+)`");

    /** Words of ONNX, and the example that is not there. */
    private static final Set<String> NO_CLASSES = Set.of("Det");

    @TempDir
    private Path folder;

    /** A word holds a letter or a digit: bars of tables do not count, code does. */
    @Test
    void readme_words_areAtMostEightHundred() {
        long words = Arrays.stream(Documents.read("README.md").split("\\s+"))
                .filter(w -> w.chars().anyMatch(Character::isLetterOrDigit))
                .count();
        assertThat(words).isBetween(300L, (long) WORDS);
    }

    /** Tables cannot be wrapped, code and addresses should not be. */
    @Test
    void lines_ofAllDocuments_haveAtMost120Columns() {
        List<String> longer = new ArrayList<>();
        for (Path file : Documents.all()) {
            for (String line : Documents.prose(Documents.read(file))) {
                boolean free = line.startsWith("|") || line.startsWith("    ") || line.contains("](http");
                if (!free && line.codePointCount(0, line.length()) > COLUMNS) {
                    longer.add(file.getFileName() + ": " + line);
                }
            }
        }
        assertThat(longer).isEmpty();
    }

    @Test
    void links_betweenDocuments_leadSomewhere() {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path file : Documents.all()) {
            String text = String.join("\n", Documents.prose(Documents.read(file)));
            Matcher link = LINK.matcher(text);
            while (link.find()) {
                String target = link.group(1);
                if (!target.startsWith("http")) {
                    links++;
                    if (!resolves(file, target)) {
                        broken.add(Documents.root().relativize(file) + ": " + target);
                    }
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(40);
    }

    private static boolean resolves(Path from, String target) {
        int hash = target.indexOf('#');
        String path = hash < 0 ? target : target.substring(0, hash);
        Path file = path.isEmpty() ? from : from.resolveSibling(path).normalize();
        if (!Files.exists(file)) {
            return false;
        }
        return hash < 0 || anchors(Documents.read(file)).contains(target.substring(hash + 1));
    }

    private static Set<String> anchors(String text) {
        return Documents.prose(text).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    /** Whoever reads the README finds each document from there, over at most one other. */
    @Test
    void documents_areReachedFromTheReadme() {
        Set<Path> reached = new TreeSet<>();
        List<Path> open = new ArrayList<>(List.of(Documents.root().resolve("README.md")));
        while (!open.isEmpty()) {
            Path file = open.remove(open.size() - 1);
            if (reached.add(file)) {
                Matcher link = LINK.matcher(Documents.read(file));
                while (link.find()) {
                    String target = link.group(1).replaceFirst("#.*", "");
                    Path to = file.resolveSibling(target).normalize();
                    if (target.endsWith(".md") && Files.exists(to)) {
                        open.add(to);
                    }
                }
            }
        }
        assertThat(reached).containsAll(Documents.all());
    }

    @Test
    void readme_showsDemoAndVerify() {
        assertThat(Documents.read("README.md")).contains("./espalier demo", "mvn verify");
    }

    @Test
    void pageOfTheCommandLine_namesEachOptionAndCommand() {
        String page = Documents.read("docs/reference/command-line.md");
        Set<String> inPage = new TreeSet<>();
        Matcher option = OPTION.matcher(page);
        while (option.find()) {
            inPage.add(option.group(1));
        }
        Set<String> real = new TreeSet<>();
        for (CommandLine command :
                EspalierCommand.commandLine().getSubcommands().values()) {
            assertThat(page).contains("| `" + command.getCommandName() + "` |");
            command.getCommandSpec().options().stream()
                    .filter(o -> !o.hidden())
                    .forEach(o -> real.addAll(longNames(o)));
        }
        assertThat(inPage).isEqualTo(real);
    }

    private static List<String> longNames(CommandLine.Model.OptionSpec option) {
        List<String> names = new ArrayList<>();
        for (String name : option.names()) {
            if (name.startsWith("--")) {
                names.add(name);
                if (option.negatable()) {
                    names.add("--no-" + name.substring(2));
                }
            }
        }
        return names;
    }

    /** Whoever looks for a class that an explanation names must find it. */
    @Test
    void classes_namedInExplanations_exist() throws IOException {
        Set<String> sources = sources().stream()
                .map(p -> p.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());
        Set<String> named = new TreeSet<>();
        for (Path file : Documents.all()) {
            if (file.toString().contains("explain") || file.endsWith("CONTRIBUTING.md")) {
                Matcher name = CLASS.matcher(String.join("\n", Documents.prose(Documents.read(file))));
                while (name.find()) {
                    named.add(name.group(1));
                }
            }
        }
        assertThat(named).hasSizeGreaterThan(20);
        named.removeAll(NO_CLASSES);
        assertThat(sources).containsAll(named);
    }

    /** The map of the tree names each package, and no other. */
    @Test
    void packages_ofTheArchitecture_areThoseThatThereAre() throws IOException {
        Set<String> there = sources().stream()
                .filter(p -> p.toString().contains("/src/main/"))
                .map(p -> p.toString()
                        .replaceAll(".*/org/espalier/(.*)/[^/]+\\.java", "$1")
                        .replace('/', '.'))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> named = new TreeSet<>();
        for (String line : Documents.read("docs/explain/architecture.md").split("\n", -1)) {
            String[] fields = line.split("\\|", -1);
            if (fields.length == 6) {
                Matcher name = Pattern.compile("`([a-z.]+)`").matcher(fields[2]);
                while (name.find()) {
                    named.add(name.group(1));
                }
            }
        }
        assertThat(named).isEqualTo(there);
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Documents.root())) {
            return files.filter(p -> p.toString().endsWith(".java"))
                    .filter(p -> p.toString().contains("/src/main/java/org/espalier/")
                            || p.toString().contains("/src/test/java/org/espalier/"))
                    .toList();
        }
    }

    /** What the guide quotes of a message is what the program says. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cannot be read: no such file                     | prune FOLDER/none.onnx --data digits",
                "is not an ONNX model, or is cut short or damaged | inspect FOLDER/text.onnx",
                "is unknown, did you mean                         | inspekt lenet5",
                "its files must be in                             | eval lenet5 --data mnist --offline --data-dir FOLDER",
                "does nothing with --method                       | train lenet5 --data digits --method original --epochs 3",
                "does nothing with --decide                       | shrink FOLDER --threshold 2 --decide bmrs-u8",
                "no layer has such a name                         | prune FOLDER/good.onnx --data digits --only nope",
                "nothing can be pruned                            | prune FOLDER/good.onnx --data digits --except * --out FOLDER/r",
                "holds no run                                     | train --resume FOLDER",
                "folders must hold pictures only                  | eval lenet5 --data folder:FOLDER/pictures",
            })
    void troubleshooting_quotesWhatTheProgramSays(String quoted, String command) throws Exception {
        Files.writeString(folder.resolve("text.onnx"), "no model");
        Files.writeString(Files.createDirectories(folder.resolve("pictures/a")).resolve("notes.txt"), "none");
        org.espalier.onnx.OnnxWriter.write(org.espalier.zoo.Zoo.build("lenet5:0.2", 1), folder.resolve("good.onnx"));
        Run run = Run.of(Documents.words(command.replace("FOLDER", folder.toString())));
        assertThat(run.code()).isNotZero();
        assertThat(run.err()).contains(quoted);
        assertThat(Documents.read("docs/guide/troubleshooting.md")).contains("`" + quoted + "`");
    }
}
