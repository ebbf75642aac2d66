package org.espalier.cli;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.espalier.job.InputException;
import org.espalier.job.RecipeFile;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.jspecify.annotations.Nullable;

/**
 * {@code docs/reference/recipe.md}. Names and defaults are those of a recipe as a file holds it, ranges are what the program says when a value
 * is wrong, meanings are what the recipe's own documentation says.
 */
final class RecipePage {
    static final String FILE = "docs/reference/recipe.md";

    /** Written by hand: what comes before the tables. */
    private static final String HEAD = "cli/src/test/resources/recipe-page.md";

    private static final Pattern EXPECTED = Pattern.compile("(?:expected|must be) (.*?)(?:, found.*|; .*)?$");
    private static final int EXAMPLES = 60_000;

    private final Recipe usual = Recipe.builder().build();
    private final Map<String, String> meanings = RecordDocs.of(Recipe.class);

    private RecipePage() {}

    /** The page as the code has it. */
    static String text() {
        RecipePage page = new RecipePage();
        return Documents.read(HEAD) + "\n" + page.settings() + "\n" + page.networks();
    }

    private String settings() {
        StringBuilder table = new StringBuilder("## All settings\n\n");
        table.append("| setting | default | range | meaning |\n|---|---|---|---|\n");
        meanings.forEach((name, meaning) -> {
            Object value = value(usual, name);
            table.append(row(List.of("`" + name + "`", shown(value), range(name, value), meaning)));
        });
        return table.toString();
    }

    /** What differs from the defaults, by network. */
    private String networks() {
        Map<String, Recipe> recipes = new LinkedHashMap<>();
        for (String network : List.of("lenet-fc", "lenet5", "vgg-like", "resnet20")) {
            recipes.put("`" + network + "`", Recipes.of(network));
        }
        recipes.put("`prune`", Recipes.user(EXAMPLES, true, 0));
        StringBuilder table = new StringBuilder("## Defaults of networks\n\n");
        table.append(
                Paragraph.wrapped("What differs from the defaults above, for `sbpa`. `lenet-300-100` has the column of"
                        + " `lenet-fc`; `resnet56` and `mobilenetv2-like` have that of `resnet20`. What `prune` has depends on the"
                        + " number of examples: the column is for 60,000. An empty field is the default above."));
        List<String> head = new ArrayList<>(List.of("setting"));
        head.addAll(recipes.keySet());
        table.append("\n\n")
                .append(row(head))
                .append("|---".repeat(head.size()))
                .append("|\n");
        for (String name : meanings.keySet()) {
            String otherwise = shown(value(usual, name));
            List<String> fields = new ArrayList<>(List.of("`" + name + "`"));
            for (Recipe recipe : recipes.values()) {
                String here = shown(value(recipe, name));
                fields.add(here.equals(otherwise) ? "" : here);
            }
            if (fields.subList(1, fields.size()).stream().anyMatch(f -> !f.isEmpty())) {
                table.append(row(fields));
            }
        }
        return table.toString();
    }

    private static String row(List<String> fields) {
        StringBuilder row = new StringBuilder("|");
        fields.forEach(f -> row.append(f.isEmpty() ? " |" : " " + f.replace("|", "\\|") + " |"));
        return row.append('\n').toString();
    }

    private static String shown(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Double d) {
            return BigDecimal.valueOf(d).stripTrailingZeros().toPlainString();
        }
        if (value instanceof Map<?, ?> map) {
            return "`" + map.toString().replace("=", ": ") + "`";
        }
        if (value instanceof String s) {
            return s.isEmpty() ? "none" : "`" + s.toLowerCase(Locale.ROOT) + "`";
        }
        return String.valueOf(value);
    }

    /** A setting's value as a file holds it. */
    private static @Nullable Object value(Recipe recipe, String name) {
        Object value = RecipeFile.values(recipe);
        for (String part : name.split("\\.", -1)) {
            value = value instanceof Map<?, ?> map ? map.get(part) : null;
        }
        return value;
    }

    /** What the program says that it expects, when it is given something wrong. */
    private String range(String name, @Nullable Object value) {
        if (name.endsWith("seed")) {
            return "any whole number";
        }
        try {
            RecipeFile.recipe(changed(RecipeFile.values(usual), name, wrong(value)), "");
        } catch (InputException e) {
            Matcher expected = EXPECTED.matcher(String.valueOf(e.getMessage()));
            if (expected.find()) {
                return expected.group(1).replaceAll("^one of \\[(.*)]$", "$1");
            }
            throw new AssertionError("what is expected of '" + name + "' is not said: " + e.getMessage(), e);
        }
        throw new AssertionError("'" + name + "' may be " + wrong(value));
    }

    private static Object wrong(@Nullable Object value) {
        if (value instanceof Integer) {
            return -1;
        }
        if (value instanceof String) {
            return "?";
        }
        return value instanceof Map ? Map.of("*", Double.NaN) : Double.NaN;
    }

    /** The values with another one. */
    private static Map<String, @Nullable Object> changed(Map<?, ?> values, String name, Object value) {
        int dot = name.indexOf('.');
        String key = dot < 0 ? name : name.substring(0, dot);
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        values.forEach((k, v) -> all.put(
                String.valueOf(k),
                !key.equals(k)
                        ? v
                        : dot < 0 || !(v instanceof Map<?, ?> part)
                                ? value
                                : changed(part, name.substring(dot + 1), value)));
        return all;
    }
}
