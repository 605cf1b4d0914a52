import { defineTexts, useTexts } from '../text/texts.ts';
import { Button } from './button.tsx';

const TEXTS = defineTexts({
  en: { more: 'Load more' },
  de: { more: 'Mehr laden' },
});

/** Loads the next page of a list. Shows nothing on the last page. Takes the result of `useInfiniteQuery`. */
export function LoadMore({
  hasNextPage,
  isFetchingNextPage,
  fetchNextPage,
}: {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}) {
  const t = useTexts(TEXTS);
  if (!hasNextPage) return null;
  return (
    <div className="flex justify-center border-t border-line p-3">
      <Button pending={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {t.more}
      </Button>
    </div>
  );
}
