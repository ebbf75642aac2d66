package org.espalier.method;

import java.util.Set;
import org.espalier.recipe.Recipe;

/**
 * All that is known of a method before it is attached to a network. Each method is one class of this kind, registered
 * in {@link PruningMethods}.
 */
public interface PruningMethodKind extends MethodFactory {
    /**
     * The name in published tables.
     *
     * @return such as {@code StructuredBP}
     */
    String title();

    /**
     * The settings that mean something to the method, beside those of phases and batches.
     *
     * @return what it reads of a recipe
     */
    Set<MethodSetting> settings();

    /**
     * The default recipe for a network.
     *
     * @param network a specification such as {@code lenet-fc} or {@code vgg-like:0.5}, or the name of another network
     * @return its settings
     */
    Recipe defaults(String network);

    /**
     * A recipe in which all that the method does not read has its usual value, so that recipes which mean the same
     * are equal.
     *
     * @param recipe any
     * @return what of it the method reads
     */
    default Recipe relevant(Recipe recipe) {
        Recipe r = recipe;
        for (MethodSetting s : MethodSetting.values()) {
            r = settings().contains(s) ? r : s.reset(r);
        }
        return r;
    }
}
