package org.espalier.cli;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.espalier.job.RecipeFile;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.RecipeSettings;
import org.espalier.recipe.Recipes;
import org.jspecify.annotations.Nullable;

/**
 * {@code docs/reference/recipe.md}. Names, ranges, meanings and defaults are those of {@link RecipeSettings}.
 */
final class RecipePage {
    static final String FILE = "docs/reference/recipe.md";

    /** Written by hand: what comes before the tables. */
    private static final String HEAD = "cli/src/test/resources/recipe-page.md";

    private static final int EXAMPLES = 60_000;

    private final List<RecipeSettings.Row> rows = RecipeSettings.rows();

    private RecipePage() {}

    /** The page as the code has it. */
    static String text() {
        RecipePage page = new RecipePage();
        return Documents.read(HEAD) + "\n" + page.settings() + "\n" + page.networks();
    }

    private String settings() {
        StringBuilder table = new StringBuilder("## All settings\n\n");
        table.append("| setting | default | range | meaning |\n|---|---|---|---|\n");
        rows.forEach(r -> table.append(row(List.of(
                "`" + r.path() + "`",
                shown(r.value()),
                r.expected().replaceAll("^one of \\[(.*)]$", "$1"),
                r.meaning()))));
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
        for (String name : rows.stream().map(RecipeSettings.Row::path).toList()) {
            String otherwise = shown(value(Recipe.DEFAULT, name));
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
        if (value instanceof Enum<?> e) {
            return "`" + e.name().toLowerCase(Locale.ROOT) + "`";
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
        return RecipeFile.values(recipe).get(name);
    }
}
