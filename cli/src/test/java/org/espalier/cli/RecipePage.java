package org.espalier.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.espalier.cli.console.InputException;
import org.espalier.cli.run.RecipeFile;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.jspecify.annotations.Nullable;

/**
 * {@code docs/reference/recipe.md}. Names and defaults are those of a recipe as a file holds it, ranges are what the program says when a value
 * is wrong, meanings are what the recipe's own documentation says.
 */
final class RecipePage {
    static final String FILE = "docs/reference/recipe.md";
    private static final Pattern EXPECTED = Pattern.compile("(?:expected|must be) (.*?)(?:, found.*|; .*)?$");
    private static final Pattern PARAM = Pattern.compile("(?s)@param (\\w+) (.*?)(?=\\n \\* @|\\n \\*/)");

    private RecipePage() {}

    /** The page as the code has it. */
    static String text() {
        Map<String, @Nullable Object> usual = RecipeFile.values(Recipe.builder().build());
        Map<String, String> meanings = meanings(Recipe.class, "");
        StringBuilder page = new StringBuilder(Documents.read("cli/src/test/resources/recipe-page.md"));
        page.append("\n## All settings\n\n| setting | default | range | meaning |\n|---|---|---|---|\n");
        usual.forEach((name, value) -> page.append(Format.row(
                "`" + name + "`",
                shown(value),
                range(name, value),
                meanings.getOrDefault(name, "").replace("|", "\\|"))));
        return page + "\n" + perNetwork(usual);
    }

    /** What differs from the defaults, by network. */
    private static String perNetwork(Map<String, @Nullable Object> usual) {
        Map<String, Map<String, @Nullable Object>> recipes = new LinkedHashMap<>();
        for (String network : List.of("lenet-fc", "lenet5", "vgg-like", "resnet20")) {
            recipes.put(network, RecipeFile.values(Recipes.of(network)));
        }
        recipes.put("prune", RecipeFile.values(Recipes.user(60_000, true, 0)));
        StringBuilder table = new StringBuilder("## Defaults of networks\n\n");
        table.append(
                Paragraph.wrapped("What differs from the defaults above, for `sbpa`. `lenet-300-100` has the column of"
                        + " `lenet-fc`, `resnet56` and `mobilenetv2-like` that of `resnet20`. `prune` depends on the number of examples:"
                        + " the column is for 60,000. An empty field is the default above."));
        table.append("\n\n")
                .append(Format.row(Stream.concat(
                                Stream.of("setting"), recipes.keySet().stream().map(n -> "`" + n + "`"))
                        .toArray(String[]::new)));
        table.append("|---".repeat(recipes.size() + 1)).append("|\n");
        usual.forEach((name, value) -> {
            List<String> fields = recipes.values().stream()
                    .map(r -> String.valueOf(r.get(name)).equals(String.valueOf(value)) ? "" : shown(r.get(name)))
                    .toList();
            if (fields.stream().anyMatch(f -> !f.isEmpty())) {
                table.append(Format.row(Stream.concat(Stream.of("`" + name + "`"), fields.stream())
                        .toArray(String[]::new)));
            }
        });
        return table.toString();
    }

    /** Rows of tables. */
    private static final class Format {
        static String row(String... fields) {
            StringBuilder row = new StringBuilder("|");
            for (String field : fields) {
                row.append(field.isEmpty() ? " |" : " " + field + " |");
            }
            return row.append('\n').toString();
        }
    }

    private static String shown(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Double d) {
            return BigDecimal.valueOf(d).stripTrailingZeros().toPlainString();
        }
        if (value instanceof Map<?, ?> map) {
            return map.isEmpty() ? "`{}`" : "`" + map.toString().replace("=", ": ") + "`";
        }
        if (value instanceof String s) {
            return s.isEmpty() ? "none" : "`" + s.toLowerCase(Locale.ROOT) + "`";
        }
        return String.valueOf(value);
    }

    /** What the program says that it expects, when it is given something wrong. */
    private static String range(String name, @Nullable Object value) {
        if (name.endsWith("seed")) {
            return "any whole number";
        }
        Object wrong = value instanceof Integer
                ? -1
                : value instanceof String ? "?" : value instanceof Map ? Map.of("*", Double.NaN) : Double.NaN;
        try {
            Map<String, @Nullable Object> values =
                    RecipeFile.values(Recipe.builder().build());
            values.put(name, wrong);
            RecipeFile.recipe(values, "");
        } catch (InputException e) {
            Matcher expected = EXPECTED.matcher(String.valueOf(e.getMessage()));
            if (expected.find()) {
                String text = expected.group(1).replaceAll("^one of \\[(.*)]$", "$1");
                return text.replace("|", "\\|");
            }
            throw new AssertionError("what is expected of '" + name + "' is not said: " + e.getMessage(), e);
        }
        throw new AssertionError("'" + name + "' may be " + wrong);
    }

    /** What the documentation of a record and of its parts says of each component. */
    private static Map<String, String> meanings(Class<?> record, String prefix) {
        Map<String, String> said = params(record);
        Map<String, String> all = new LinkedHashMap<>();
        for (RecordComponent c : record.getRecordComponents()) {
            if (c.getType().isRecord()) {
                all.putAll(meanings(c.getType(), prefix + c.getName() + "."));
            } else {
                String text = said.get(c.getName());
                if (text == null) {
                    throw new AssertionError(record + ": must have a @param " + c.getName());
                }
                all.put(prefix + c.getName(), text);
            }
        }
        return all;
    }

    private static Map<String, String> params(Class<?> record) {
        String path = "src/main/java/" + record.getName().replace('.', '/') + ".java";
        try (Stream<Path> modules = Files.list(Documents.root())) {
            Path source = modules.map(m -> m.resolve(path))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no source of " + record));
            Map<String, String> params = new LinkedHashMap<>();
            Matcher param = PARAM.matcher(Documents.read(source));
            while (param.find()) {
                params.putIfAbsent(param.group(1), plain(param.group(2)));
            }
            return params;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Javadoc as Markdown. */
    private static String plain(String javadoc) {
        return javadoc.replaceAll("\\n \\*\\s*", " ")
                .replaceAll("\\{@(?:code|link)\\s+([^}]*)}", "`$1`")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
