import { useId } from 'react';

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly hint: string;
}

/** Alternatives of which a person chooses one. Each has an explanation. */
export function Choices<Value extends string>({
  legend,
  name,
  value,
  onChange,
  choices,
}: {
  readonly legend: string;
  readonly name: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly choices: readonly Choice<Value>[];
}) {
  const id = useId();
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">{legend}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className="grid cursor-pointer grid-cols-[auto_1fr] gap-x-2 rounded-md border border-line-control p-2.5 has-checked:border-accent has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={value === choice.value}
              onChange={() => onChange(choice.value)}
              aria-labelledby={`${id}-${choice.value}`}
              aria-describedby={`${id}-${choice.value}-hint`}
              className="mt-0.5 size-4 accent-accent"
            />
            <span id={`${id}-${choice.value}`} className="font-medium">
              {choice.label}
            </span>
            <span id={`${id}-${choice.value}-hint`} className="col-start-2 text-xs text-muted">
              {choice.hint}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
