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

/** {@code docs/reference/recipe.md}: names, defaults, ranges and meanings as {@link RecipeSettings} has them. */
final class RecipePage {
    static final String FILE = "docs/reference/recipe.md";

    /** Written by hand: what comes before the tables. */
    private static final String HEAD = "cli/src/test/resources/recipe-page.md";

    private static final int EXAMPLES = 60_000;

    private RecipePage() {}

    /** The page as the code has it. */
    static String text() {
        return Documents.read(HEAD) + "\n" + settings() + "\n" + networks();
    }

    private static String settings() {
        StringBuilder table = new StringBuilder("## All settings\n\n");
        table.append("| setting | default | range | meaning |\n|---|---|---|---|\n");
        for (RecipeSettings.Row r : RecipeSettings.rows()) {
            String range = r.expected().replaceAll("^one of \\[(.*)]$", "$1");
            table.append(row(List.of("`" + r.path() + "`", value(Recipe.DEFAULT, r.path()), range, r.meaning())));
        }
        return table.toString();
    }

    /** What differs from the defaults, by network. */
    private static String networks() {
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
        for (RecipeSettings.Row r : RecipeSettings.rows()) {
            String otherwise = value(Recipe.DEFAULT, r.path());
            List<String> fields = new ArrayList<>(List.of("`" + r.path() + "`"));
            for (Recipe recipe : recipes.values()) {
                String here = value(recipe, r.path());
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

    /** A setting's value as a file holds it. */
    private static String value(Recipe recipe, String path) {
        return shown(RecipeFile.values(recipe).get(path));
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
}
