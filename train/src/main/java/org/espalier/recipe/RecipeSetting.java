package org.espalier.recipe;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a component of a recipe means and which numbers it takes: the one place that checks, errors and documents read
 * it from. Its name is the component's, its default value that of {@link Recipe#DEFAULT}. Numbers must be finite; of
 * a map, the range is that of each value.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface RecipeSetting {
    /**
     * The meaning, with units, as a phrase without a full stop.
     *
     * @return the text of the reference
     */
    String value();

    /**
     * The least number.
     *
     * @return a bound that is allowed itself, unless {@link #above}
     */
    double min() default 0;

    /**
     * The greatest number.
     *
     * @return a bound that is allowed itself, unless {@link #below}
     */
    double max() default Double.MAX_VALUE;

    /**
     * Whether numbers must be greater than {@link #min}.
     *
     * @return true where the bound itself is out of range
     */
    boolean above() default false;

    /**
     * Whether numbers must be less than {@link #max}.
     *
     * @return true where the bound itself is out of range
     */
    boolean below() default false;
}
